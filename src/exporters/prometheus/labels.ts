import type { Attributes } from '@opentelemetry/api';

/** The labels of a series as they stand between the braces, `a="1",b="2"`; empty when it has none. */
export type LabelText = (attributes: Attributes) => string;

export interface LabelOptions {
  /** Labels that a series gets unless it has one of that name itself. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Further attributes of every series, such as those of its scope. */
  readonly extra?: readonly (readonly [key: string, value: string])[];
  /** A label name that the format needs for itself; an attribute of that name becomes `exported_<name>`. */
  readonly reserved?: string;
}

/**
 * Remembers the text of each attributes object for as long as the object lives: the SDK hands out the same object
 * at every collect.
 */
export function createLabelText(options: LabelOptions): LabelText {
  const known = new WeakMap<Attributes, string>();
  return (attributes) => {
    const before = known.get(attributes);
    if (before !== undefined) return before;
    const text = labelText(attributes, options);
    known.set(attributes, text);
    return text;
  };
}

/**
 * Attributes as labels, sorted by name. Keys that become the same label have their values joined with `;` in the
 * lexicographical order of the keys. A label with an empty value is left out, for Prometheus takes the two for the
 * same series. See
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 */
export function labelText(attributes: Attributes, { defaults, extra = [], reserved }: LabelOptions): string {
  const name = (key: string): string => {
    const label = labelName(key);
    return label === reserved ? `exported_${label}` : label;
  };
  const labels = new Map<string, string>();
  for (const [key, value] of [...Object.entries(attributes), ...extra].sort(byKey)) {
    if (value === undefined) continue;
    const label = name(key);
    const before = labels.get(label);
    labels.set(label, before === undefined ? attributeText(value) : `${before};${attributeText(value)}`);
  }
  for (const key of Object.keys(defaults)) {
    const label = name(key);
    if (!labels.has(label)) labels.set(label, defaults[key] ?? '');
  }
  let text = '';
  for (const [label, value] of [...labels].sort(byKey)) {
    if (value !== '') text += `${text === '' ? '' : ','}${label}="${escapeValue(value)}"`;
  }
  return text;
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

/** Inside the quotes of a label: backslash, quote and newline escaped, halves of surrogate pairs replaced. */
export function escapeValue(text: string): string {
  return PLAIN.test(text) ? text : escapeHelp(text).replaceAll('"', '\\"');
}

/** The rest of a `# HELP` line: backslash and newline escaped, halves of surrogate pairs replaced. */
export function escapeHelp(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Text that is the same in the format, and most text is. */
const PLAIN = /^[ !#-[\]-~]*$/;
