import { isLegacyLabel, wellFormed } from '../escaping.ts';
import type { LabelWriter } from './series-labels.ts';

/** The labels of a series as written between the braces, `a="1",b="2"`; empty if it has none. */
export const labelText: LabelWriter = (labels) =>
  labels.map(([label, value]) => `${quotedLabel(label)}="${escapeValue(value)}"`).join(',');

function quotedLabel(label: string): string {
  return isLegacyLabel(label) ? label : `"${escapeValue(label)}"`;
}

/** For the quotes of a label: escapes backslash, quote and newline, and replaces lone surrogates. */
export function escapeValue(text: string): string {
  return PLAIN.test(text) ? text : escapeHelp(text).replaceAll('"', '\\"');
}

/** For a `# HELP` line: escapes backslash and newline, and replaces lone surrogates. */
export function escapeHelp(text: string): string {
  if (PLAIN.test(text)) return text;
  return wellFormed(text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n'));
}

/** Text that needs no escape, as most does not. */
const PLAIN = /^[ !#-[\]-~]*$/;
