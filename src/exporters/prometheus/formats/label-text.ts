import type { Attributes } from '@opentelemetry/api';
import { type Labels, labelsOf } from '../../../metric-data/labels.ts';

/** The labels of a series as written between the braces, `a="1",b="2"`; empty if it has none. */
export type LabelText = (attributes: Attributes) => string;

export interface LabelOptions {
  /** Labels that a series gets unless it has one of the same name. */
  readonly defaults: Labels;
  /** Further attributes of every series, such as those of its scope. */
  readonly extra?: readonly (readonly [key: string, value: string])[];
  /** A label name that the format reserves; an attribute of that name becomes `exported_<name>`. */
  readonly reserved?: string;
}

/**
 * Remembers the text of each attributes object as long as the object lives: the SDK returns the same object from every
 * collection.
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

/** Writes what {@link labelsOf} returns. */
export function labelText(attributes: Attributes, { defaults, extra = [], reserved }: LabelOptions): string {
  const rename = (label: string): string => (label === reserved ? `exported_${label}` : label);
  return labelsOf([...Object.entries(attributes), ...extra], defaults, rename)
    .map(([label, value]) => `${label}="${escapeValue(value)}"`)
    .join(',');
}

/** For the quotes of a label: escapes backslash, quote and newline, and replaces lone surrogates. */
export function escapeValue(text: string): string {
  return PLAIN.test(text) ? text : escapeHelp(text).replaceAll('"', '\\"');
}

/** For a `# HELP` line: escapes backslash and newline, and replaces lone surrogates. */
export function escapeHelp(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Text that needs no escape, as most does not. */
const PLAIN = /^[ !#-[\]-~]*$/;
