import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { StatsdConfig } from '../../config/config.ts';
import { attributeText } from '../../metric-data/attribute-text.ts';
import { type Labels, labelsOf } from '../../metric-data/labels.ts';
import { metricName } from '../../metric-data/names.ts';
import type { Dialect, Frame } from './dialects/dialect.ts';

type Attributes = Readonly<Record<string, unknown>>;

export const REQUESTS = 'http.server.request.duration';

export const CLIENT_ERRORS = 'http.server.request.client_errors';
export const SERVER_ERRORS = 'http.server.request.server_errors';

export const STATUS = 'http.response.status_code';

/**
 * The attributes whose values make up the names of an instrument all of whose series have equally many parts:
 * requests, and their errors, which leave out the status.
 *
 * @returns undefined for any other instrument, whose series have parts for their own attributes
 */
export function fixedParts(instrument: string, order: readonly string[]): readonly string[] | undefined {
  if (instrument === REQUESTS) return order;
  if (instrument !== CLIENT_ERRORS && instrument !== SERVER_ERRORS) return undefined;
  return order.filter((key) => key !== STATUS && key !== 'error.type');
}

export interface NameOptions {
  readonly dialect: Dialect;
  readonly config: Pick<StatsdConfig, 'prefix' | 'nameOrder'>;
  /** Default dimensions of every series. */
  readonly labels: Labels;
}

/** @returns the text around the values of a series; undefined if no character of its name can be written */
export function frameOf(
  metric: MetricData,
  attributes: Attributes,
  { dialect, config, labels }: NameOptions,
): Frame | undefined {
  const name = nameOf(metric, dialect);
  if (name === undefined) return undefined;
  if (dialect.names === 'hierarchy') {
    const nodes = nodesOf(metric.descriptor.name, attributes, labels, config.nameOrder);
    return dialect.frame([config.prefix + name, ...nodes].join('.'), []);
  }
  return dialect.frame(config.prefix + name, labelsOf(Object.entries(attributes), labels));
}

/** By what a value is multiplied to get from the instrument's unit to that of the dialect's samples. */
export function scaleOf(unit: string, dialect: Dialect): number {
  return dialect.distribution === 'ms' ? (MILLISECONDS.get(unit) ?? 1) : 1;
}

const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['us', 1e-3],
  ['ns', 1e-6],
  ['min', 60_000],
  ['h', 3_600_000],
]);

function nameOf(metric: MetricData, dialect: Dialect): string | undefined {
  const name = dialect.names === 'family' ? metricName(metric) : metric.descriptor.name;
  const parts = name?.replace(/[^\w.-]/g, '_').split('.');
  return parts?.filter((part) => part !== '').join('.') || undefined;
}

/**
 * The parts of a name that stand for attributes: first the values in the configured order, then every other attribute
 * as `key.value`, sorted by key. Requests have only the former, with `none` for a missing one, so that each part
 * always means the same; the server adds up what differs in other attributes only.
 */
function nodesOf(
  instrument: string,
  attributes: Attributes,
  labels: Labels,
  order: readonly string[],
): string[] {
  const fixed = fixedParts(instrument, order);
  const all = new Map(Object.entries({ ...labels, ...attributes }));
  const first = (fixed ?? order).flatMap((key) => {
    const value = attributeText(all.get(key));
    if (value !== '') return [node(value)];
    return fixed ? ['none'] : [];
  });
  const others = fixed ? Object.keys(labels) : [...all.keys()];
  const rest = others
    .filter((key) => !order.includes(key) && attributeText(all.get(key)) !== '')
    .sort()
    .flatMap((key) => [node(key), node(attributeText(all.get(key)))]);
  return [...first, ...rest];
}

/** `/users/:id` becomes `users-_id`, `/` becomes `root`. */
function node(text: string): string {
  return text === '/'
    ? 'root'
    : text
        .replace(/^\//, '')
        .replaceAll('/', '-')
        .replace(/[^\w-]/g, '_') || '_';
}
