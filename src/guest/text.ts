/** How messages show values and errors. */

/** How many characters of a value a message shows. */
const LONGEST_SHOWN = 80;

/** A text in quotes: at most its first 80 characters, control characters as escapes. */
export function quoted(text: string): string {
  const start = [...text.slice(0, 2 * LONGEST_SHOWN)].slice(0, LONGEST_SHOWN).join('');
  return visible(JSON.stringify(start.length < text.length ? `${start}…` : start));
}

/** A text with escapes for control characters. */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** Any value in one line of at most 80 characters. */
export function printed(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return visible(String(value)).slice(0, LONGEST_SHOWN);
  try {
    const text = JSON.stringify(value);
    return visible(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
  } catch {
    return 'object';
  }
}

/** The message of whatever was thrown, in one line. */
export function describe(error: unknown): string {
  return messageOf(error)
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .trim();
}

function messageOf(error: unknown): string {
  if (error instanceof Error) {
    const cause = error instanceof AggregateError && error.message === '' ? error.errors[0] : error;
    return cause instanceof Error ? cause.message || cause.name : String(cause);
  }
  return String(error);
}
