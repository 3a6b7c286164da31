/** Attributes as labels: what the exporters of text have in common. */

type Labels = Readonly<Record<string, string>>;

/**
 * Attributes as labels, sorted by name. Keys that become the same label have their values joined with `;` in the
 * lexicographical order of the keys. A label with an empty value is left out, for Prometheus takes the two for the
 * same series. See
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 *
 * @param defaults labels that a series gets unless it has one of that name itself
 * @param rename of a label that the format needs for itself
 */
export function labelsOf(
  attributes: readonly (readonly [key: string, value: unknown])[],
  defaults: Labels,
  rename: (label: string) => string = (label) => label,
): [label: string, value: string][] {
  const labels = new Map<string, string>();
  for (const [key, value] of attributes.toSorted(byKey)) {
    if (value === undefined) continue;
    const label = rename(labelName(key));
    const before = labels.get(label);
    labels.set(label, before === undefined ? attributeText(value) : `${before};${attributeText(value)}`);
  }
  for (const key of Object.keys(defaults)) {
    const label = rename(labelName(key));
    if (!labels.has(label)) labels.set(label, defaults[key] ?? '');
  }
  return [...labels].filter(([, value]) => value !== '').sort(byKey);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Runs of other characters than letters and digits become one `_`, and a leading digit gets `key_` in front, as the
 * Collector does it. What it refuses is written all the same: `_` when nothing else is left, and names between
 * double underscores, which Prometheus keeps for itself, with single ones.
 */
export function labelName(key: string): string {
  let name = names.get(key);
  if (name === undefined) {
    name = key.replace(/[^a-zA-Z0-9]+/g, '_') || '_';
    if (/^[0-9]/.test(name)) name = `key_${name}`;
    if (names.size >= MOST_NAMES) names.clear();
    names.set(key, name);
  }
  return name;
}

const MOST_NAMES = 1000;
const names = new Map<string, string>();

/**
 * The text of an attribute's value; whatever cannot be written becomes empty. See
 * https://opentelemetry.io/docs/specs/otel/common/#anyvalue-representation-for-non-otlp-protocols
 */
export function attributeText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return base64(value);
  if (typeof value !== 'object') return typeof value === 'symbol' ? '' : String(value);
  try {
    return JSON.stringify(value, element) ?? '';
  } catch {
    return '';
  }
}

function element(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return base64(original);
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return String(value);
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
