/** What a variant adds to a request, in medians and in lower tenths; and the table of a server's variants. */
import type { Table } from './report.ts';
import { type Figures, least, type Summary, signed, signedSpread, spread, summarize } from './statistics.ts';
import { NOTHING, type Series, type Server } from './turns.ts';

/**
 * The differences to the same turn of another variant, in microseconds of CPU time. The lower tenth is the difference
 * between the lower tenths of all turns: that of the differences would be where the other was disturbed.
 *
 * @param to the other variant, by default the server with nothing
 * @returns undefined where one of the two was not measured
 */
export function added(all: readonly Series[], name: string, to: string = NOTHING): Summary | undefined {
  const base = all.find((series) => series.variant.name === to);
  const series = all.find((one) => one.variant.name === name);
  if (!base || base.failure !== undefined || !series || series.failure !== undefined) return undefined;
  const tenth = summarize(series.samples).tenth - summarize(base.samples).tenth;
  const differences = series.samples.map((cpu, index) => cpu - (base.samples[index] ?? Number.NaN));
  return { ...summarize(differences), tenth };
}

/** The least that any of these variants adds. */
export function leastAdded(all: readonly Series[], names: readonly string[]): Figures | undefined {
  return least(names.map((name) => added(all, name)));
}

/** What the table's ratios are to: the least that any of these variants adds. */
export interface Reference {
  readonly name: string;
  readonly variants: readonly string[];
}

export const to = (name: string): Reference => ({ name, variants: [name] });

/** Whether a variant has counted all its requests; the first round in which it has not. */
export function counts({ variant, counts }: Series): string {
  if (!variant.counted && !variant.routes) return '';
  const wrong = counts.find(({ sent, counted }) => sent !== counted);
  return wrong ? `**${wrong.counted} of ${wrong.sent}**` : 'all';
}

/** Whether it has counted them under the route that they have; empty where it is not asked for routes. */
export function byTheirRoute({ counts }: Series): string {
  const known = counts.filter(({ right }) => right !== undefined);
  if (known.length === 0) return '';
  const wrong = known.find(({ right, sent }) => right !== sent);
  return wrong ? `**${wrong.right} of ${wrong.sent}**` : 'all';
}

export function tableOf(server: Server, all: readonly Series[], reference?: Reference): Table {
  const base = reference && leastAdded(all, reference.variants);
  // Of nothing, or less than that, there is no multiple.
  const ratio = (more: number, to = 0): string => (to > 0 ? `${(more / to).toFixed(2)} ×` : '');
  const ratios = (more: Figures): string[] => [
    ratio(more.median, base?.median),
    ratio(more.tenth, base?.tenth),
  ];
  const compared = reference ? [`of what ${reference.name} adds`, 'the same, lower tenths'] : [];
  const asked = server.routes ? ['requests counted', 'by their route'] : ['requests counted'];
  const headers = [
    ...['variant', 'CPU µs a request', 'lower tenth', 'added', 'added, lower tenths'],
    ...compared,
    ...asked,
  ];
  const cells = (series: Series): string[] => {
    const { name } = series.variant;
    if (series.failure !== undefined) return [`not measured: ${series.failure}`];
    const summary = summarize(series.samples);
    const more = name === NOTHING ? undefined : added(all, name);
    return [
      spread(summary, 1),
      summary.tenth.toFixed(1),
      more ? signedSpread(more, 1) : '',
      more ? signed(more.tenth, 1) : '',
      ...(more ? ratios(more) : ['', '']).slice(0, compared.length),
      ...[counts(series), byTheirRoute(series)].slice(0, asked.length),
    ];
  };
  return {
    title: server.name,
    headers,
    rows: all.map((series) => {
      const row = [series.variant.name, ...cells(series)];
      return headers.map((_, column) => row[column] ?? '');
    }),
  };
}
