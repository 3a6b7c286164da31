import { GAUGES } from '../../src/instruments/runtime/gauge-aggregations.ts';
import type { MetricType } from './definition.ts';
import type { ObservedMetric } from './observe.ts';
import { type Row, SECTIONS, type Section } from './sections.ts';

const HEAD = `# Metrics

<!-- Written by \`npm run docs\`: change scripts/metrics-page instead. -->

This page lists every metric. The tables are generated from running programs: what an app pushes and serves with
everything switched on, and what each metric needs to appear. A test generates them again. The app's own
[OpenTelemetry instruments](opentelemetry.md) come in addition.

- **Metric** is the name in OTLP and in the tables of \`console\`. **In Prometheus** is the name in a scrape, where a
  histogram is \`_bucket\`, \`_sum\` and \`_count\`; see [the rules](exporters.md#names-and-units). StatsD uses one or the
  other, depending on the dialect, and \`etsy\` turns attributes into names: [statsd.md](statsd.md#what-is-sent).
- **Attributes** are absent where they do not apply. Attributes "on request" appear if \`ROUTEMETER_ATTRIBUTES\` adds
  them; *tags* are the keys of \`ROUTEMETER_TAGS\`. Any series can have the labels of \`ROUTEMETER_LABELS\` as well, the
  series beyond the [limit](http-metrics.md#bounded-series) has \`otel.metric.overflow\`, and a gauge that is aggregated by
  [process](configuration.md#gauges-of-many-processes) has \`process_pid\`.
- **Processes** is what a scrape shows of a [group of processes](many-processes.md): the sum over all of them, including
  processes that have ended, or the sum, the largest or the smallest value of the living processes. \`ROUTEMETER_GAUGES\`
  can change it for gauges. StatsD's gauges and up-down counters are the same; with OTLP each process pushes on its own.
`;

/** The key that is declared for the observed app, and stands for all. */
const TAG = 'plan';

/**
 * The text of docs/metrics.md.
 *
 * @throws when a metric has no row, or a row no metric
 */
export function metricsPage(metrics: readonly ObservedMetric[], sections = SECTIONS): string {
  const rows = sections.flatMap((section) => section.rows.map(({ metric }) => metric));
  const observed = metrics.map(({ name }) => name);
  const unwritten = observed.filter((name) => !rows.includes(name));
  if (unwritten.length > 0) throw new Error(`no row of sections.ts is for ${unwritten.join(', ')}`);
  const unseen = rows.filter((name) => !observed.includes(name));
  if (unseen.length > 0) throw new Error(`no program has ${unseen.join(', ')}`);

  const written = sections.map((section) => {
    const lines = section.rows.flatMap((row) =>
      metrics.filter(({ name }) => name === row.metric).map((metric) => ({ metric, row })),
    );
    return { section, lines };
  });
  const inOrder = written.flatMap(({ lines }) => lines.map(({ metric }) => metric));
  return [
    HEAD,
    ...written.map(({ section, lines }) => sectionText(section, lines)),
    boundariesText(inOrder),
  ].join('\n');
}

interface Line {
  readonly metric: ObservedMetric;
  readonly row: Row;
}

function sectionText({ title, text }: Section, lines: readonly Line[]): string {
  const [first, ...others] = lines.map(({ metric }) => metric.needs?.text);
  /** A condition that all metrics of a section share is written once. */
  const common = others.length > 0 && others.every((needs) => needs === first) ? first : undefined;
  const head = [
    'Metric',
    'In Prometheus',
    'Type',
    'Unit',
    'Attributes',
    'Appears',
    'Processes',
    'Description',
  ];
  const cells = lines.map(({ metric, row }) => [
    metric.pushed || metric.family !== metric.name ? code(metric.name) : '',
    code(metric.family),
    metric.type,
    metric.unit === '' ? '' : code(metric.unit),
    attributesText(metric),
    appearsText(metric, row, common),
    processesText(metric, row),
    row.call === undefined ? metric.description : `by ${code(row.call)}`,
  ]);
  const needs = common === undefined ? '' : ` They appear ${common}.`;
  return `## ${title}\n\n${text}${needs}\n\n${table(head, cells)}`;
}

function attributesText({ attributes, onRequest }: ObservedMetric): string {
  const own = attributes.filter((key) => key !== TAG).map(code);
  const all = [...own, ...(attributes.includes(TAG) ? ['*tags*'] : [])].join(', ');
  const request = onRequest.length === 0 ? '' : `on request ${onRequest.map(code).join(', ')}`;
  return [all, request].filter((text) => text !== '').join('; ');
}

function appearsText({ needs, pushed }: ObservedMetric, { when }: Row, common: string | undefined): string {
  const needed = needs?.text === common ? undefined : needs?.text;
  const where = pushed ? undefined : 'in a scrape only';
  return [where, needed, when].filter((text) => text !== undefined).join('; ') || 'from the start';
}

const OVER: Readonly<Record<Exclude<MetricType, 'gauge'>, string>> = {
  counter: 'sum',
  histogram: 'sum',
  'up-down counter': 'sum of the living',
};

function processesText({ name, type }: ObservedMetric, { over }: Row): string {
  if (over !== undefined) return over;
  if (type !== 'gauge') return OVER[type];
  const aggregation = GAUGES.get(name);
  if (aggregation === undefined)
    throw new Error(`src/instruments/runtime/gauge-aggregations.ts does not have ${name}`);
  return `${aggregation} of the living`;
}

function boundariesText(metrics: readonly ObservedMetric[]): string {
  const names = new Map<string, string[]>();
  for (const { name, unit, bounds = [] } of metrics.filter(({ type }) => type === 'histogram')) {
    const cells = `${bounds.join(', ')} | ${unit === '' ? '' : code(unit)}`;
    names.set(cells, [...(names.get(cells) ?? []), code(name)]);
  }
  const cells = [...names].map(([key, histograms]) => [...key.split(' | '), histograms.join(', ')]);
  return `## Boundaries

Histograms have these boundaries, unless [\`ROUTEMETER_BUCKETS\`](configuration.md#boundaries) sets others.

${table(['Upper bounds', 'Unit', 'Histograms'], cells)}`;
}

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
      .replaceAll('|  |', '| |')
      .replaceAll('|  |', '| |');
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('');
}
