import type { Attributes } from '@opentelemetry/api';
import type { Labels } from '../../metric-data/labels.ts';
import type { Served } from './collect.ts';
import { createFamilies, type FamiliesOptions, type Family } from './families.ts';

/** What one scrape serves, in no format yet. */
export interface Exposition {
  /** Attributes of the resource. */
  readonly resource: Attributes;
  readonly families: readonly Family[];
  /** The default dimensions, which the data points lack. */
  readonly labels: Labels;
  /** Whether each series names its scope, and not only one whose name two scopes write. */
  readonly scopeLabels: boolean;
}

export interface ExpositionOptions extends FamiliesOptions {
  /** The default dimensions of this process. */
  readonly labels: Labels;
  readonly scopeLabels: boolean;
}

export function createExposition({
  labels,
  scopeLabels,
  ...options
}: ExpositionOptions): (served: Served) => Exposition {
  const familiesOf = createFamilies(options);
  return (served) => ({
    resource: served.resource.attributes,
    families: familiesOf(served),
    labels: served.labels ?? labels,
    scopeLabels,
  });
}
