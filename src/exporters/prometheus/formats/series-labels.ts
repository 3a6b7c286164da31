import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { type Labels, labelsOf } from '../../../metric-data/labels.ts';
import { scopeKey } from '../../../metric-data/scope.ts';
import type { Exposition } from '../exposition.ts';
import type { Family, Part } from '../families.ts';
import type { Naming } from '../naming.ts';

/** Writes the labels of a series, sorted by name. Two series are the same if the results are. */
export type LabelWriter = (labels: readonly (readonly [label: string, value: string])[]) => string;

/** The written labels of a point. */
export type PointLabels = (attributes: Attributes) => string;

/** What writes the labels of a family's points, part by part. */
export type FamilyLabels = (family: Family) => (part: Pick<Part<unknown>, 'scope'>) => PointLabels;

/**
 * Writes the labels of series in one way. It remembers those of each attributes object as long as the object lives: the
 * SDK returns the same object from every collection.
 */
export function createSeriesLabels(
  write: LabelWriter,
): (exposition: Pick<Exposition, 'labels' | 'naming' | 'scopeLabels'>) => FamilyLabels {
  const known = new WeakMap<Naming, WeakMap<Labels, Remembered>>();

  return ({ labels: defaults, naming, scopeLabels }) => {
    const byDefaults = remembered(known, naming, () => new WeakMap<Labels, Remembered>());
    const byKey = remembered(byDefaults, defaults, () => new Map());
    return (family) => {
      const reserved = family.type === 'histogram' ? naming.label('le') : undefined;
      const nameOf = (key: string): string => {
        const label = naming.label(key);
        return label === reserved ? `exported_${label}` : label;
      };
      const isScoped = scopeLabels || severalScopes(family);
      return ({ scope }) => {
        const extra = isScoped ? scopeAttributes(scope) : [];
        return remembered(byKey, `${isScoped ? scopeKey(scope) : ''} ${reserved ?? ''}`, () => {
          const texts = new WeakMap<Attributes, string>();
          return (attributes: Attributes) =>
            remembered(texts, attributes, () =>
              write(labelsOf([...Object.entries(attributes), ...extra], defaults, nameOf)),
            );
        });
      };
    };
  };
}

/** By whether and which scope is written, and what is reserved. */
type Remembered = Map<string, PointLabels>;

function remembered<Key, Value>(
  known: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  create: () => Value,
): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = create();
    known.set(key, value);
  }
  return value;
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#instrumentation-scope-1 */
function scopeAttributes(scope: InstrumentationScope): (readonly [string, string])[] {
  return [
    ['otel_scope_name', scope.name],
    ['otel_scope_version', scope.version ?? ''],
    ['otel_scope_schema_url', scope.schemaUrl ?? ''],
  ];
}

function severalScopes({ numbers, histograms }: Family): boolean {
  const [first, ...others] = [...numbers, ...histograms].map((part) => scopeKey(part.scope));
  return others.some((other) => other !== first);
}
