import { alternativesOf, labelOf } from '../declared-path.ts';
import { splitAlternatives } from './express4-source.ts';
import type { Layer } from './layer.ts';
import { attempt, stateless } from './matching.ts';
import { oncePer } from './once-per.ts';

/** The declared path of a route's layer. */
export interface RoutePattern {
  /** The alternative, if there is only one. */
  readonly only: string | undefined;
  /** Every alternative, joined with `|`. */
  readonly all: string;
  /** The alternative that takes `path`. */
  match(path: string): string | undefined;
}

/**
 * The alternative of a route's declared path that takes `path`, or all of them joined with `|` if that is not known.
 *
 * @param path the path that the route was matched against
 */
export function matchedPatternOf(layer: Layer, path: string): string {
  const { only, all, match } = routePatternOf(layer);
  return only ?? match(path) ?? all;
}

export const routePatternOf = oncePer((layer: Layer): RoutePattern => {
  const alternatives = alternativesOf(layer.route?.path ?? '');
  const labels = alternatives.map(labelOf);
  const takes = routeMatchers(layer, alternatives);
  return {
    only: labels.length === 1 ? labels[0] : undefined,
    all: labels.join('|'),
    match(path) {
      if (takes?.length !== labels.length) return undefined;
      return labels[takes.findIndex((each) => each(path))];
    },
  };
});

function routeMatchers(
  layer: Layer,
  alternatives: readonly (string | RegExp)[],
): readonly ((path: string) => boolean)[] | undefined {
  if (layer.regexp !== undefined) {
    const { source, flags } = layer.regexp;
    const sources = alternatives.length === 1 ? [source] : splitAlternatives(source);
    return sources.map((each) => {
      const regexp = stateless(each, flags);
      return (path) => regexp.test(path);
    });
  }
  return layer.matchers?.map((matcher, index) => {
    const declared = alternatives[index];
    if (declared instanceof RegExp) {
      const regexp = stateless(declared.source, declared.flags);
      return (path) => regexp.test(path);
    }
    return (path) => attempt(matcher, path) !== false;
  });
}
