import { read, tableOf } from './pages.ts';

const PAGE = 'docs/metrics.md';
const HEAD = '| Metric | In Prometheus | Type | Unit | Attributes | Appears | Processes | Description |';

export interface DocumentedMetric {
  /** Empty for a metric that only a scrape has. */
  readonly name: string;
  readonly family: string;
  readonly unit: string;
  readonly attributes: readonly string[];
}

/** The metrics of docs/metrics.md without those whose names the app chooses. */
export function ownMetrics(): readonly DocumentedMetric[] {
  const sections = read(PAGE).split('\n## ');
  return sections
    .filter((section) => section.includes(HEAD) && !section.startsWith('In-request API'))
    .flatMap((section) => tableOf(section, HEAD))
    .map(([name = '', family = '', , unit = '', attributes = '']) => ({
      name,
      family,
      unit,
      attributes: attributes.split(/[,;]? on request |, /).filter((each) => /^[\w.]+$/.test(each)),
    }));
}
