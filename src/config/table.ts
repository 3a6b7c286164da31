import { EXPORTERS } from './rows/exporters.ts';
import { GENERAL } from './rows/general.ts';
import { REQUESTS, SERIES } from './rows/measuring.ts';
import type { Row, Rows } from './settings.ts';
import type { ExporterName, OptionPath } from './types.ts';

/** Every setting. Problems, documents and messages have them in this order. */
export const TABLE = [
  { title: 'General', rows: GENERAL },
  { title: 'Prometheus', rows: EXPORTERS.prometheus, exporter: 'prometheus' },
  { title: 'OTLP', rows: EXPORTERS.otlp, exporter: 'otlp' },
  { title: 'StatsD', rows: EXPORTERS.statsd, exporter: 'statsd' },
  { title: 'Requests', rows: REQUESTS },
  { title: 'Series', rows: SERIES },
] as const satisfies readonly { title: string; rows: Rows; exporter?: ExporterName }[];

/** Compiles only if every option has a row. */
type Tabled = { [R in (typeof TABLE)[number]['rows'] as string]: OptionOf<R[keyof R]> }[string];
type OptionOf<R> = R extends { readonly option: infer Path } ? Path : never;
null satisfies Exclude<OptionPath, Tabled> extends never ? null : Exclude<OptionPath, Tabled>;

const ROWS: readonly Row[] = TABLE.flatMap(({ rows }) => Object.values<Row>(rows));

export const VARIABLES: readonly string[] = ROWS.flatMap(({ variables }) => variables);

export const OPTIONS: readonly string[] = ROWS.flatMap(({ option }) => option ?? []);
