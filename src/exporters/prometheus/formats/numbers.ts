/**
 * Writes a number as Prometheus' Go client does (`strconv.FormatFloat(value, 'g', -1, 64)`): the shortest digits that
 * parse to the same number, `1e+06` from a million on. For `le`, whose text is part of a series' identity.
 */
export function goFloat(value: number): string {
  if (!Number.isFinite(value)) return valueText(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Writes a sample's value in the cheapest form that parses to the same number. */
export function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
