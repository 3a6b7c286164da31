import { readMountSource, splitAlternatives } from './express4-source.ts';
import type { Layer, Matcher } from './layer.ts';
import { alternativesOf, labelOf } from './layer.ts';
import { probePattern } from './probe.ts';

/** What a mounted layer takes off the path. Depends on declarations, except for the case of letters (probing). */
export interface MountPattern {
  /** The one declared pattern, if there is one only and it always spans the same number of segments. */
  readonly fixed: { readonly pattern: string; readonly segments: number } | undefined;
  /** Every alternative, joined with `|`; undefined where only a path that matched can tell. */
  readonly declared: string | undefined;
  /** The pattern of the alternative that takes all of `path`, which has no trailing slash. */
  match(path: string): string | undefined;
}

interface Alternative {
  readonly pattern: string;
  readonly takes: (path: string) => boolean;
}

const VARIABLE_LENGTH = /[*?+(){}[\]|\\^$]/;
const MAX_PROBED = 32;

export function mountPatternOf(layer: Layer): MountPattern {
  const alternatives = declaredAlternatives(layer);
  if (alternatives === undefined) {
    return { fixed: undefined, declared: undefined, match: probing(layer.matchers ?? []) };
  }
  const only = alternatives.length === 1 ? alternatives[0] : undefined;
  const isFixed = only?.pattern.startsWith('/') === true && !VARIABLE_LENGTH.test(only.pattern);
  return {
    fixed:
      only && isFixed ? { pattern: only.pattern, segments: only.pattern.split('/').length - 1 } : undefined,
    declared: alternatives.map((each) => each.pattern).join('|'),
    match: (path) => alternatives.find((each) => each.takes(path))?.pattern,
  };
}

/**
 * The alternative of a route's declared path that matched, or all of them joined with `|` where that cannot be
 * told.
 *
 * @param path what the route was matched against
 */
export function routePatternOf(layer: Layer, path: string): string {
  const alternatives = alternativesOf(layer.route?.path ?? '');
  const first = alternatives[0];
  if (alternatives.length === 1 && first !== undefined) return labelOf(first);
  const takes = routeMatchers(layer, alternatives);
  const index = takes?.length === alternatives.length ? takes.findIndex((each) => each(path)) : -1;
  const matched = alternatives[index];
  return matched === undefined ? alternatives.map(labelOf).join('|') : labelOf(matched);
}

function routeMatchers(
  layer: Layer,
  alternatives: readonly (string | RegExp)[],
): readonly ((path: string) => boolean)[] | undefined {
  if (layer.regexp !== undefined) {
    const { source, flags } = layer.regexp;
    return splitAlternatives(source).map((each) => {
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

function declaredAlternatives(layer: Layer): readonly Alternative[] | undefined {
  if (layer.regexp !== undefined) {
    const { source, flags } = layer.regexp;
    const names = (layer.keys ?? []).map((key) => key.name);
    return readMountSource(source, names).map((each) => ({
      pattern: each.pattern,
      takes: takesAll(stateless(each.source, flags)),
    }));
  }
  if (layer.rawPath === undefined) return undefined;
  return alternativesOf(layer.rawPath).map((declared, index) => ({
    pattern: typeof declared === 'string' ? declared.replace(/\/+$/, '') : declared.source,
    takes:
      declared instanceof RegExp
        ? takesAll(stateless(declared.source, declared.flags))
        : (path) => isWhole(attempt(layer.matchers?.[index], path), path),
  }));
}

/** A copy without memory of the last match: the app's own `g` expression must not be moved on. */
function stateless(source: string, flags: string): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}

function takesAll(regexp: RegExp): (path: string) => boolean {
  return (path) => regexp.exec(path)?.[0]?.replace(/\/$/, '') === path;
}

function attempt(matcher: Matcher | undefined, path: string): ReturnType<Matcher> {
  try {
    return matcher?.(path) ?? false;
  } catch {
    return false;
  }
}

function isWhole(match: ReturnType<Matcher>, path: string): boolean {
  return match !== false && match.path.replace(/\/$/, '') === path;
}

/** Probes once for each shape that a declared path can take, and remembers. */
function probing(matchers: readonly Matcher[]): (path: string) => string | undefined {
  const shapes = new Map<string, string>();
  const literals = new Map<string, string>();
  return (path) => {
    const literal = literals.get(path);
    if (literal !== undefined) return literal;
    for (const [index, matcher] of matchers.entries()) {
      const match = attempt(matcher, path);
      if (match === false || !isWhole(match, path)) continue;
      const names = Object.keys(match.params);
      const shape = `${index} ${countSegments(path, match.params)} ${names.join(' ')}`;
      let pattern = shapes.get(shape);
      if (pattern === undefined) {
        const probed = probePattern(matcher, path);
        pattern = probed.pattern;
        if (probed.exact && shapes.size < MAX_PROBED) shapes.set(shape, pattern);
      }
      if (names.length === 0 && literals.size < MAX_PROBED) literals.set(path, pattern);
      return pattern;
    }
    return undefined;
  };
}

/** Outside of wildcards, which take any number of them. */
function countSegments(path: string, params: Readonly<Record<string, unknown>>): number {
  let segments = 0;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) segments++;
  for (const name in params) {
    const value = params[name];
    if (Array.isArray(value)) segments -= value.length;
  }
  return segments;
}
