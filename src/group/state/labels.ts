import type { Attributes } from '@opentelemetry/api';
import { labelName } from '../../metric-data/attributes.ts';

export type Labels = Readonly<Record<string, string>>;

/** Attributes with the labels that they lack: one that is the same label as an attribute, once written, is not added. */
export function withDefaults(attributes: Attributes, labels: Labels): Attributes {
  const names = Object.keys(labels);
  if (names.length === 0) return attributes;
  const taken = new Set(Object.keys(attributes).map(labelName));
  const added = names.filter((name) => !taken.has(labelName(name))).map((name) => [name, labels[name]]);
  return { ...Object.fromEntries(added), ...attributes };
}
