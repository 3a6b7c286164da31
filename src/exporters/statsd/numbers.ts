/** Numbers as every server reads them: decimal digits without an exponent. */

/** @param value finite */
export function decimal(value: number): string {
  const text = String(value === 0 ? 0 : value);
  if (!text.includes('e')) return text;
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [digits = '', exponent = '0'] = text.split('e');
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(-Number(exponent) - 1)}${whole}${fraction}`;
}

/** A server that divides by the rate sees the count off by less than one in this many. */
const EXACT = 1e9;

/**
 * The sample rate that stands for a count. Most servers repeat a sample `trunc(1 / rate)` times, so 1 / rate must not
 * fall short of the count; with the double nearest to 1 / count it would for one count in fourteen.
 *
 * @param count a positive integer
 * @returns `|@0.1`; empty for 1
 */
export function rate(count: number): string {
  if (count === 1) return '';
  let text = rates.get(count);
  if (text === undefined) {
    text = `|@${shortest(count)}`;
    if (rates.size >= MOST_RATES) rates.clear();
    rates.set(count, text);
  }
  return text;
}

const MOST_RATES = 1000;
const rates = new Map<number, string>();

function shortest(count: number): string {
  const zeros = String(count - 1).length - 1;
  for (let digits = zeros + 1; ; digits++) {
    // One less where the double nearest to the decimal is a bit too large, as it is for 1 / 3125.
    for (const less of [0n, 1n]) {
      const fraction = (10n ** BigInt(digits) / BigInt(count) - less).toString().padStart(digits, '0');
      const text = `0.${fraction}`;
      const weight = 1 / Number(text);
      if (weight >= count && (weight - count) * EXACT <= count) return text.replace(/0+$/, '');
    }
  }
}
