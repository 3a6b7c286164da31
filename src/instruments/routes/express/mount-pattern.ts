import { readMountSource } from './express4-source.ts';
import type { DeclaredPath, Layer, Matcher } from './layer.ts';
import { alternativesOf, joinPatterns } from './layer.ts';
import { probePattern } from './probe.ts';

/** What a mounted layer takes off the path. Depends on declarations, except for the case of letters (probing). */
export interface MountPattern {
  /** The one declared pattern, if there is one only and it always spans the same number of segments. */
  readonly fixed: { readonly pattern: string; readonly segments: number } | undefined;
  /** The one declared pattern, if there is one only. */
  readonly only: string | undefined;
  /** Every alternative, joined with `|`; undefined where only a path that matched can tell. */
  readonly declared: string | undefined;
  /** The pattern of the alternative that takes all of `path`, which has no trailing slash. */
  match(path: string): string | undefined;
  /** The alternative that takes the beginning of `path`, and how much it takes, without a trailing slash. */
  take(path: string): Taken | undefined;
}

export interface Taken {
  readonly pattern: string;
  readonly length: number;
}

interface Alternative {
  readonly pattern: string;
  readonly take: (path: string) => number | undefined;
}

const VARIABLE_LENGTH = /[*?+(){}[\]|\\^$]/;
const MAX_PROBED = 32;

const mountPatterns = new WeakMap<Layer, MountPattern>();

export function cachedMountPattern(layer: Layer): MountPattern {
  let pattern = mountPatterns.get(layer);
  if (pattern === undefined) {
    pattern = mountPatternOf(layer);
    mountPatterns.set(layer, pattern);
  }
  return pattern;
}

export function mountPatternOf(layer: Layer): MountPattern {
  const alternatives = declaredAlternatives(layer);
  if (alternatives === undefined) return withMatch([], probing(layer.matchers ?? []));
  return withMatch(
    alternatives.map((each) => each.pattern),
    (path) => {
      for (const { pattern, take } of alternatives) {
        const length = take(path);
        if (length !== undefined) return { pattern, length };
      }
      return undefined;
    },
    (path) => alternatives.find((each) => each.take(path) === path.length)?.pattern,
  );
}

/**
 * What mounts that are in one another take off a path, one after the other.
 *
 * @param skip mounts within so much of the path do not count
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
    rest = rest.slice(taken.length);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  return { prefix, length, rest };
}

/** Where an app says that it is mounted, when no layer shows it. */
export function mountPatternOfPath(path: DeclaredPath): MountPattern {
  return withMatch(
    alternativesOf(path).map((each) => (typeof each === 'string' ? trimSlashes(each) : each.source)),
    () => undefined,
  );
}

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

/** A mount's pattern ends without a slash. */
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
        : (path) => lengthOf(attempt(layer.matchers?.[index], path), path),
  }));
}

/** A copy without memory of the last match: the app's own `g` expression must not be moved on. */
export function stateless(source: string, flags: string): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ''));
}

/** @param boundaries what may come after a mount, besides nothing */
function takeBy(regexp: RegExp, boundaries: string): Alternative['take'] {
  return (path) => {
    const text = regexp.exec(path)?.[0];
    if (text === undefined || !path.startsWith(text)) return undefined;
    const after = path[text.length];
    if (text !== '' && after !== undefined && !boundaries.includes(after)) return undefined;
    return trimmed(text);
  };
}

function trimmed(text: string): number {
  return text.endsWith('/') ? text.length - 1 : text.length;
}

export function attempt(matcher: Matcher | undefined, path: string): ReturnType<Matcher> {
  try {
    return matcher?.(path) ?? false;
  } catch {
    return false;
  }
}

function lengthOf(match: ReturnType<Matcher>, path: string): number | undefined {
  return match === false || !path.startsWith(match.path) ? undefined : trimmed(match.path);
}

/** Probes once for each shape that a declared path can take, and remembers. */
function probing(matchers: readonly Matcher[]): (path: string) => Taken | undefined {
  const shapes = new Map<string, string>();
  const literals = new Map<string, string>();
  return (path) => {
    for (const [index, matcher] of matchers.entries()) {
      const whole = attempt(matcher, path);
      const length = lengthOf(whole, path);
      if (whole === false || length === undefined) continue;
      const taken = path.slice(0, length);
      const literal = literals.get(taken);
      if (literal !== undefined) return { pattern: literal, length };
      const match = length === path.length ? whole : attempt(matcher, taken);
      if (match === false || lengthOf(match, taken) !== length) continue;
      const names = Object.keys(match.params);
      const shape = `${index} ${countSegments(taken, match.params)} ${names.join(' ')}`;
      let pattern = shapes.get(shape);
      if (pattern === undefined) {
        const probed = probePattern(matcher, taken);
        pattern = probed.pattern;
        if (probed.exact && shapes.size < MAX_PROBED) shapes.set(shape, pattern);
      }
      if (names.length === 0 && literals.size < MAX_PROBED) literals.set(taken, pattern);
      return { pattern, length };
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
