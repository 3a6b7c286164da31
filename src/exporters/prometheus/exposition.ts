import type { Attributes } from '@opentelemetry/api';
import type { PrometheusNames } from '../../config/types.ts';
import type { Labels } from '../../metric-data/labels.ts';
import type { Served } from './collect.ts';
import type { EscapingScheme } from './escaping.ts';
import { createFamilies, type FamiliesOptions, type Family, sampleNames } from './families.ts';
import { type Naming, UNDERSCORES, utf8Naming } from './naming.ts';

/** What one scrape serves, in no format yet. */
export interface Exposition {
  /** Attributes of the resource; undefined if they are not wanted. */
  readonly resource: Attributes | undefined;
  readonly families: readonly Family[];
  /** The default dimensions, which the data points lack. */
  readonly labels: Labels;
  /** Whether each series names its scope, and not only one whose name two scopes write. */
  readonly scopeLabels: boolean;
  /** What the families are called already, and what the labels are to be called. */
  readonly naming: Naming;
}

export interface ExpositionOptions extends Omit<FamiliesOptions, 'naming'> {
  /** The default dimensions of this process. */
  readonly labels: Labels;
  readonly scopeLabels: boolean;
  readonly names: PrometheusNames;
}

/** What a client wants of an exposition. */
export interface Wanted {
  /** How names in UTF-8 are to be written. */
  readonly escaping: EscapingScheme;
  /** The names of metrics; all by default. Those of a family's samples name the family. */
  readonly names?: ReadonlySet<string> | undefined;
}

export function createExposition({
  labels,
  scopeLabels,
  names,
  ...options
}: ExpositionOptions): (served: Served, wanted: Wanted) => Exposition {
  const known = new Map<EscapingScheme, ReturnType<typeof createNamed>>();
  const createNamed = (naming: Naming) => ({ naming, familiesOf: createFamilies({ ...options, naming }) });

  const named = (escaping: EscapingScheme): ReturnType<typeof createNamed> => {
    // Names without UTF-8 need no escaping.
    const key = names === 'utf-8' ? escaping : 'underscores';
    const found = known.get(key) ?? createNamed(names === 'utf-8' ? utf8Naming(escaping) : UNDERSCORES);
    known.set(key, found);
    return found;
  };

  return (served, wanted) => {
    const { naming, familiesOf } = named(wanted.escaping);
    const families = familiesOf(served);
    return {
      resource: wants(wanted, TARGET) ? served.resource.attributes : undefined,
      families: families.filter((family) => wants(wanted, namesOf(family))),
      labels: served.labels ?? labels,
      scopeLabels,
      naming,
    };
  };
}

const TARGET = ['target_info', 'target'];

function wants({ names }: Wanted, of: readonly string[]): boolean {
  return names === undefined || of.some((name) => names.has(name));
}

/** A family's name, those of its samples, and the one that OpenMetrics gives it. */
function namesOf(family: Family): string[] {
  const { name, type } = family;
  return [name, ...sampleNames(family), ...(type === 'counter' ? [name.replace(/_total$/, '')] : [])];
}
