/**
 * Random hexadecimal digits for what must differ and is no secret: names of files in a private folder, and ids of series.
 * `node:crypto` would take as long to load as a third of what a start takes. The clock is in them so that they differ
 * as well under V8's `--random-seed`.
 */
export function randomHex(digits: number): string {
  let text = '';
  while (text.length < digits) {
    const clock = Number(process.hrtime.bigint() & 0xffff_ffffn);
    text += ((clock ^ (Math.random() * 2 ** 32)) >>> 0).toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}

/** A random UUID: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4 */
export function randomUuid(): string {
  return `${randomHex(8)}-${randomHex(4)}-4${randomHex(3)}-${variant()}${randomHex(3)}-${randomHex(12)}`;
}

/** One of 8, 9, a and b. */
function variant(): string {
  return (8 + (Number.parseInt(randomHex(1), 16) & 3)).toString(16);
}
