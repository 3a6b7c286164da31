/** A path as an app declares it: text, a regular expression, or a list of them. */
export type DeclaredPath = string | RegExp | readonly DeclaredPath[];

/** The alternatives of a declared path, flattened. */
export function alternativesOf(path: DeclaredPath): readonly (string | RegExp)[] {
  if (typeof path === 'string' || path instanceof RegExp) return [path];
  return path.flatMap((alternative) => alternativesOf(alternative));
}

/** One alternative as a label: text as it was written, the source of a regular expression. */
export function labelOf(alternative: string | RegExp): string {
  return typeof alternative === 'string' ? alternative : alternative.source;
}

/** All alternatives in one label, joined with `|`. */
export function labelOfAll(path: DeclaredPath): string {
  return alternativesOf(path).map(labelOf).join('|');
}

/**
 * Joins the pattern of a mount and what is declared below it, without a double slash; `/` below a mount adds nothing.
 */
export function joinPatterns(mount: string, leaf: string): string {
  if (leaf === '' || leaf === '/') return mount === '' ? '/' : mount;
  return mount.endsWith('/') && leaf.startsWith('/') ? mount + leaf.slice(1) : mount + leaf;
}
