/** What Prometheus must come to have of the workload, worked out from the list itself. */
import { type Group, type InstrumentValues, SECONDS } from './workload.ts';

/** What a road changes. */
export interface Writing {
  /** Name in Prometheus of an app's own instrument; undefined when it is not compared. */
  readonly family: (instrument: InstrumentValues) => string | undefined;
  readonly labelValue: (value: string) => string;
  /** Of a counter. */
  readonly total: (value: number) => number;
  /** Of the requests' duration, in seconds. */
  readonly bounds: readonly number[];
}

export const AS_IS: Writing = {
  family: ({ family }) => family,
  labelValue: (value) => value,
  total: (value) => value,
  bounds: SECONDS,
};

type Labels = Readonly<Record<string, string>>;

function series(name: string, labels: Labels, { labelValue }: Writing, le?: string): string {
  const written = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(labelValue(value))}`);
  if (le !== undefined) written.push(`le="${le}"`);
  return `${name}{${written.join(',')}}`;
}

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function histogram(
  name: string,
  labels: Labels,
  bounds: readonly number[],
  values: readonly number[],
  writing: Writing,
): string[] {
  const bucket = (le: string, count: number): string =>
    `${series(`${name}_bucket`, labels, writing, le)} ${count}`;
  return [
    ...bounds.map((bound) => bucket(String(bound), values.filter((value) => value <= bound).length)),
    bucket('+Inf', values.length),
    `${series(`${name}_sum`, labels, writing)} ${sumOf(values)}`,
    `${series(`${name}_count`, labels, writing)} ${values.length}`,
  ];
}

/** Labels of a group's series. */
export function labelsOf({ method, route, status }: Group): Labels {
  return {
    ...(status >= 500 && { error_type: String(status) }),
    http_request_method: method,
    http_response_status_code: String(status),
    ...(route !== undefined && { http_route: route }),
    url_scheme: 'http',
  };
}

function instrumentLines(instrument: InstrumentValues, writing: Writing): string[] {
  const family = writing.family(instrument);
  if (family === undefined) return [];
  const { kind, bounds = [], values } = instrument;
  const type = kind === 'counter' || kind === 'histogram' ? kind : 'gauge';
  const regions = [...new Set(values.map(([, { region }]) => region))];
  return [
    `# TYPE ${family} ${type}`,
    ...regions.flatMap((region) => {
      const numbers = values.filter(([, attributes]) => attributes.region === region).map(([value]) => value);
      if (kind === 'histogram') return histogram(family, { region }, bounds, numbers, writing);
      const sum = sumOf(numbers);
      const value = kind === 'counter' ? writing.total(sum) : kind === 'gauge' ? numbers.at(-1) : sum;
      return [`${series(family, { region }, writing)} ${value}`];
    }),
  ];
}

/** As the text of a scrape. */
export function expectedText(
  groups: readonly Group[],
  instruments: readonly InstrumentValues[],
  writing: Writing,
): string {
  const duration = 'http_server_request_duration_seconds';
  const active = 'http_server_active_requests';
  const methods = [...new Set(groups.map(({ method }) => method))];
  return [
    `# TYPE ${duration} histogram`,
    ...groups.flatMap((group) => {
      const seconds = group.millis.map((millis) => millis / 1000);
      return histogram(duration, labelsOf(group), writing.bounds, seconds, writing);
    }),
    `# TYPE ${active} gauge`,
    ...methods.map(
      (method) => `${series(active, { http_request_method: method, url_scheme: 'http' }, writing)} 0`,
    ),
    ...instruments.flatMap((instrument) => instrumentLines(instrument, writing)),
    '',
  ].join('\n');
}
