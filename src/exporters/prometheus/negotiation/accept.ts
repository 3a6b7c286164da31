/** One media range of an `Accept` header. */
export interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  /** 0 to 1, 1 by default; not checked, since Prometheus' clients do not either. */
  readonly weight: number;
  /** Without `q`. Names and values are as written. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The media ranges of an `Accept` header, the most wanted first. It reads every header as `goautoneg` does, which
 * Prometheus' Go clients use, so that routemeter answers what they would: letters are not folded, a range that cannot
 * be read is left out, and one of weight 0 comes last instead of being refused.
 *
 * https://www.rfc-editor.org/rfc/rfc9110#field.accept, https://github.com/munnerz/goautoneg
 */
export function parseAccept(header: string): readonly MediaRange[] {
  const ranges = header.split(',').flatMap((text) => mediaRange(text) ?? []);
  return inOrder(ranges);
}

function mediaRange(text: string): MediaRange | undefined {
  const [essence, parameters] = cut(withoutSpaces(text), ';');
  const [type, rest] = cut(essence, '/');
  if (rest === '')
    return withoutSpaces(type) === '*' ? { type: '*', subtype: '*', ...parametersOf(parameters) } : undefined;
  const [subtype, more] = cut(rest, '/');
  if (more !== '') return undefined;
  return { type: withoutSpaces(type), subtype: withoutSpaces(subtype), ...parametersOf(parameters) };
}

function parametersOf(text: string): Pick<MediaRange, 'weight' | 'parameters'> {
  const parameters = new Map<string, string>();
  let weight = 1;
  for (const parameter of text.split(';')) {
    const [name, rest] = cut(parameter, '=');
    const [value, more] = cut(rest, '=');
    if (value === '' || more !== '') continue;
    if (withoutSpaces(name) === 'q') weight = weightOf(value);
    else parameters.set(withoutSpaces(name), withoutSpaces(value));
  }
  return { weight, parameters };
}

/** What is before the first separator, and what is after it. */
function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Text that is no number weighs nothing. */
function weightOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Math.fround(Number(text)) : 0;
}

/**
 * By weight; of the same weight, wildcards come last. The order is not a total one, so the steps of the sort matter:
 * this is the insertion sort with which Go sorts up to twelve elements.
 */
function inOrder(ranges: readonly MediaRange[]): MediaRange[] {
  const sorted: MediaRange[] = [];
  for (const range of ranges) {
    let at = sorted.length;
    for (let other = sorted[at - 1]; other !== undefined && isBefore(range, other); other = sorted[at - 1])
      at -= 1;
    sorted.splice(at, 0, range);
  }
  return sorted;
}

function isBefore(a: MediaRange, b: MediaRange): boolean {
  return (
    a.weight > b.weight || (a.type !== '*' && b.type === '*') || (a.subtype !== '*' && b.subtype === '*')
  );
}

function withoutSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '');
}
