import { readFileSync } from 'node:fs';
import type { PrometheusApi, Sample } from './prometheus.ts';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: unknown;
  readonly instant?: boolean;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  /** Of a row that is collapsed. */
  readonly panels?: readonly Panel[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly datasource?: unknown;
  readonly query: string | { readonly query: string };
  readonly allValue?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

/** The dashboard that the package ships. */
export const DASHBOARD: Dashboard = JSON.parse(
  readFileSync(new URL('../../dashboards/routemeter.json', import.meta.url), 'utf8'),
);

export const PANELS: readonly Panel[] = DASHBOARD.panels
  .flatMap((panel) => [panel, ...(panel.panels ?? [])])
  .filter(({ type }) => type !== 'row');

/** What is chosen on the dashboard; a variable that is left out stands for All. */
export type Choice = Readonly<Record<string, readonly string[]>>;

/** What the time range comes to. Grafana's is `$__rate_interval` at a scrape interval of 15 s. */
const INTERVALS: Readonly<Record<string, string>> = {
  __rate_interval: '1m',
  __range: '5m',
  __interval: '15s',
};

/**
 * Puts values in place of a query's variables as Grafana's Prometheus data source does: each one escaped for a regular
 * expression in a string, several as alternatives, and All as the variable says.
 */
export function interpolate(query: string, choice: Choice): string {
  return query.replace(/\$(\w+)/g, (_, name: string) => {
    const interval = INTERVALS[name];
    if (interval !== undefined) return interval;
    const variable = DASHBOARD.templating.list.find((each) => each.name === name);
    if (variable === undefined) throw new Error(`${query} has the unknown variable ${name}`);
    const values = choice[name]?.map(escaped);
    if (values === undefined) {
      if (variable.allValue === undefined) throw new Error(`nothing is chosen for ${name}`);
      return variable.allValue;
    }
    return values.length === 1 ? `${values[0]}` : `(${values.join('|')})`;
  });
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');

/** What each of a panel's queries returns, at the end of the time range. */
export function results(prometheus: PrometheusApi, panel: Panel, choice: Choice): Promise<Sample[][]> {
  return Promise.all((panel.targets ?? []).map(({ expr }) => prometheus.query(interpolate(expr, choice))));
}

/** The values that a variable's `label_values(selector, label)` offers. */
export async function options(prometheus: PrometheusApi, name: string, choice: Choice): Promise<string[]> {
  const query = DASHBOARD.templating.list.find((variable) => variable.name === name)?.query;
  const text = typeof query === 'string' ? query : query?.query;
  const [, selector = '', label] = text?.match(/^label_values\((.+), (\w+)\)$/) ?? [];
  if (label === undefined) throw new Error(`${name} is not a variable by label_values: ${text}`);
  const match = new URLSearchParams({ 'match[]': interpolate(selector, choice) });
  return (await prometheus.get(`/api/v1/label/${label}/values?${match}`)) as string[];
}

export function panel(title: string): Panel {
  const found = PANELS.find((each) => each.title === title);
  if (found === undefined) throw new Error(`there is no panel ${title}`);
  return found;
}
