/**
 * A mounted layer of Express 4 does not keep the declared path, only the regular expression that path-to-regexp 0.1
 * made of it. This reads the path back from the expression's source; the result depends on what was declared, never
 * on a request.
 */

interface SourceAlternative {
  /** The path as declared, or the source itself where a regular expression was declared. */
  readonly pattern: string;
  readonly source: string;
}

interface Keys {
  readonly names: readonly (string | number)[];
  next: number;
}

const MOUNT_END = '\\/?(?=\\/|$)';
const CAPTURE = /^\((?!\?)|^\(\?<(?![=!])/;
/** What the versions of path-to-regexp write for a parameter without a constraint. */
const UNCONSTRAINED = /^(?:\[\^\\?\/(?:\\*\.)*\]\+\?|\(\?:\(\?!.*\)\.\)\+\?)$/;

/** @param names the names of the capturing groups, in order; a number for an unnamed group */
export function readMountSource(source: string, names: readonly (string | number)[]): SourceAlternative[] {
  const keys: Keys = { names, next: 0 };
  const sources = splitAlternatives(source);
  if (!sources.some(isMade)) return [{ pattern: source, source }];
  return sources.map((each) => ({
    pattern: isMade(each) ? readPath(each, keys) : readSource(each, keys),
    source: each,
  }));
}

function isMade(source: string): boolean {
  return source.startsWith('^') && source.endsWith(MOUNT_END);
}

function readPath(source: string, keys: Keys): string {
  return readParts(source.slice(1, -MOUNT_END.length), keys).replace(/\/+$/, '');
}

/** Reads a regular expression that the app has declared in a list with paths. */
function readSource(source: string, keys: Keys): string {
  keys.next += countCaptures(source);
  return source;
}

/**
 * The expressions that path-to-regexp joined for a list of paths, split at every `|` outside groups and classes.
 * Versions before 0.1.8 put one group around them all.
 */
export function splitAlternatives(source: string): string[] {
  const isGrouped = source.startsWith('(?:^') && skip(source, 0) === source.length;
  return splitAtBars(isGrouped ? source.slice(3, -1) : source);
}

function splitAtBars(source: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < source.length; at = skip(source, at)) {
    if (source[at] !== '|') continue;
    parts.push(source.slice(start, at));
    start = at + 1;
  }
  parts.push(source.slice(start));
  return parts;
}

function readParts(source: string, keys: Keys): string {
  let text = '';
  for (let at = 0; at < source.length; ) {
    const end = skip(source, at);
    const part = source.slice(at, end);
    if (part.startsWith('\\')) text += part.slice(1);
    else if (part.startsWith('(?:')) text += readGroup(part.slice(3, -1), keys);
    else if (CAPTURE.test(part)) text += readCapture(part, keys);
    else text += part;
    at = end;
  }
  return text;
}

/** path-to-regexp puts a group around each parameter; a group with a choice was written by the app. */
function readGroup(body: string, keys: Keys): string {
  const text = readParts(body, keys);
  return splitAtBars(body).length > 1 ? `(${text})` : text;
}

function readCapture(part: string, keys: Keys): string {
  const name = keys.names[keys.next];
  keys.next += countCaptures(part);
  const body = part.slice(1, -1);
  if (typeof name === 'string') return UNCONSTRAINED.test(body) ? `:${name}` : `:${name}${part}`;
  return body === '.*' || body.startsWith('(?:[') ? '*' : part;
}

function countCaptures(part: string): number {
  let count = 0;
  for (let at = 0; at < part.length; at++) {
    if (part[at] === '\\') at++;
    else if (part[at] === '[') at = skip(part, at) - 1;
    else if (CAPTURE.test(part.slice(at, at + 4))) count++;
  }
  return count;
}

/** The index after the escape, class, group or character at `at`. */
function skip(source: string, at: number): number {
  const first = source[at];
  if (first === '\\') return Math.min(at + 2, source.length);
  if (first === '[') {
    for (let end = at + 1; end < source.length; end++) {
      if (source[end] === '\\') end++;
      else if (source[end] === ']') return end + 1;
    }
    return source.length;
  }
  if (first !== '(') return at + 1;
  let end = at + 1;
  while (end < source.length && source[end] !== ')') end = skip(source, end);
  return Math.min(end + 1, source.length);
}
