import { quoted } from '../guest/text.ts';
import { type Pairs, pairs } from './lists.ts';
import type { Given, Settings } from './settings.ts';

/** Those of every metric of ours: docs/metrics.md. */
const ATTRIBUTES = [
  'http.route',
  'http.request.method',
  'http.response.status_code',
  'error.type',
  'url.scheme',
  'network.protocol.version',
  'server.address',
  'server.port',
  'nodejs.eventloop.state',
  'v8js.gc.type',
  'v8js.heap.space.name',
  'v8js.resource.type',
  'cpu.mode',
  'process.pid',
  'thread.id',
];

const ACCEPTED = 'name=value,name2=value2, names of letters, digits, _ and .';

/** Taken as they are written: a percent sign is a percent sign. */
const check = pairs({
  encoded: false,
  fault(key, value, before) {
    const what = nameFault(key);
    if (what !== undefined) return what;
    if (before.has(key)) return 'is there twice';
    return sameLabel(key, before.keys()) ?? (value === '' ? 'has no value' : undefined);
  },
  accepted: ACCEPTED,
});

/** What is wrong with the name of a label of every series, if anything. */
export function nameFault(key: string): string | undefined {
  if (!/^[A-Za-z_][\w.]*$/.test(key)) return 'has no valid name';
  if (/^__|^(le|quantile)$/.test(key)) return 'has a name that Prometheus reserves';
  if (/^otel[._]/i.test(key)) return 'has a name that OpenTelemetry reserves';
  const attribute = ATTRIBUTES.find((name) => written(name) === written(key).toLowerCase());
  return attribute === undefined ? undefined : `has the name of the attribute ${attribute}`;
}

/** Those of the environment, then those from code, a later one replacing an earlier one of the same name. */
export function labels(settings: Settings): Pairs {
  const environment = read(settings.variable('ROUTEMETER_LABELS'));
  const option = settings.option('ROUTEMETER_LABELS');
  const code = read(option);
  for (const key of Object.keys(code)) {
    const what = sameLabel(key, Object.keys(environment));
    if (what !== undefined) option?.reject(`${quoted(key)} ${what} of ROUTEMETER_LABELS`, ACCEPTED);
  }
  return { ...environment, ...code };
}

function read(given: Given | undefined): Pairs {
  return (given && check(given)) ?? {};
}

/** Whether another name is the same in Prometheus. */
export function sameLabel(key: string, others: Iterable<string>): string | undefined {
  for (const other of others) {
    if (other !== key && written(other) === written(key)) return `is the same label as ${quoted(other)}`;
  }
  return undefined;
}

/** The name as Prometheus gets it, from us as from a Collector: one `_` for any run of `_` and `.` */
function written(key: string): string {
  return key.replace(/[._]+/g, '_');
}
