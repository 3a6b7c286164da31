import { alternativesOf, type DeclaredPath, joinPatterns } from '../declared-path.ts';
import { readMountSource } from './express4-source.ts';
import type { Layer } from './layer.ts';
import { attempt, stateless, type Taken, takeBy, takenAs, takenLength } from './matching.ts';
import { oncePer } from './once-per.ts';
import { probing } from './probe.ts';

/**
 * What a mounted layer takes off the path. Depends on what was declared only; probed ones also on the case of
 * letters.
 */
export interface MountPattern {
  /** The declared pattern, if there is only one and it always spans the same number of segments. */
  readonly fixed: { readonly pattern: string; readonly segments: number } | undefined;
  /** The declared pattern, if there is only one. */
  readonly only: string | undefined;
  /** Every alternative, joined with `|`; undefined where only probing with a path that matches can show them. */
  readonly declared: string | undefined;
  /** The pattern of the alternative that takes all of `path`, which must not end with a slash. */
  match(path: string): string | undefined;
  /** The alternative that takes the start of `path`. */
  take(path: string): Taken | undefined;
}

interface Alternative {
  readonly pattern: string;
  readonly take: (path: string) => number | undefined;
}

const VARIABLE_LENGTH = /[*?+(){}[\]|\\^$]/;

export const mountPatternOf = oncePer((layer: Layer): MountPattern => {
  const alternatives = declaredAlternatives(layer);
  if (alternatives === undefined) return withMatch([], probing(layer.matchers ?? []));
  return withMatch(
    alternatives.map((each) => each.pattern),
    (path) => {
      for (const { pattern, take } of alternatives) {
        const end = take(path);
        if (end !== undefined) return takenAs(pattern, path, end);
      }
      return undefined;
    },
    (path) => alternatives.find((each) => each.take(path) === path.length)?.pattern,
  );
});

/**
 * What nested mounts take off a path, one after the other.
 *
 * @param skip mounts within this length of the path do not count
 */
export function takeMounts(
  mounts: readonly MountPattern[],
  path: string,
  skip: number,
): { prefix: string; length: number; rest: string } | undefined {
  let prefix = '';
  let length = 0;
  let rest = path;
  for (const mount of mounts) {
    const taken = mount.take(rest);
    if (taken === undefined) return undefined;
    if (length >= skip) prefix = joinPatterns(prefix, taken.pattern);
    length += taken.length;
    rest = rest.slice(taken.end);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  return { prefix, length, rest };
}

/** The pattern of an app's `mountpath`, for a mount whose layer is not known. It matches nothing. */
export function mountPatternOfPath(path: DeclaredPath): MountPattern {
  return withMatch(
    alternativesOf(path).map((each) => (typeof each === 'string' ? trimSlashes(each) : each.source)),
    () => undefined,
  );
}

/** Whether what an app was mounted with, `app.mountpath`, may be what a layer was made from. */
export function isMountedWith(layer: Layer, path: DeclaredPath): boolean {
  const pattern = mountPatternOf(layer);
  if (pattern.declared !== undefined) return pattern.declared === mountPatternOfPath(path).declared;
  return alternativesOf(path).every((each) => {
    if (typeof each !== 'string' || !PLAIN_SEGMENTS.test(trimSlashes(each))) return true;
    const declared = trimSlashes(each);
    return pattern.take(declared.replaceAll(PARAMETER, 'routemeter'))?.pattern === declared;
  });
}

/** Each segment is a text or a parameter. */
const PLAIN_SEGMENTS = /^(?:\/(?:[\w.~-]+|:\w+))+$/;
const PARAMETER = /:\w+/g;

function withMatch(
  patterns: readonly string[],
  take: MountPattern['take'],
  match = (path: string) => {
    const taken = take(path);
    return taken?.length === path.length ? taken.pattern : undefined;
  },
): MountPattern {
  const only = patterns.length === 1 ? patterns[0] : undefined;
  return {
    fixed: only === undefined ? undefined : fixedPattern(only),
    only,
    declared: patterns.length === 0 ? undefined : patterns.join('|'),
    take,
    match,
  };
}

function trimSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}

function fixedPattern(pattern: string): MountPattern['fixed'] {
  if (!pattern.startsWith('/') || VARIABLE_LENGTH.test(pattern)) return undefined;
  return { pattern, segments: pattern.split('/').length - 1 };
}

function declaredAlternatives(layer: Layer): readonly Alternative[] | undefined {
  if (layer.regexp !== undefined) {
    const { source, flags } = layer.regexp;
    const names = (layer.keys ?? []).map((key) => key.name);
    return readMountSource(source, names).map((each) => ({
      pattern: each.pattern,
      take: takeBy(stateless(each.source, flags), '/.'),
    }));
  }
  if (layer.rawPath === undefined) return undefined;
  return alternativesOf(layer.rawPath).map((declared, index) => ({
    pattern: typeof declared === 'string' ? trimSlashes(declared) : declared.source,
    take:
      declared instanceof RegExp
        ? takeBy(stateless(declared.source, declared.flags), '/')
        : (path) => takenLength(attempt(layer.matchers?.[index], path), path),
  }));
}
