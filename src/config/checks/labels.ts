import { quoted } from '../../guest/text.ts';
import type { Check } from '../settings.ts';
import { type Pairs, pairs } from './pairs.ts';

/** The attributes of our own metrics: docs/metrics.md. */
const ATTRIBUTES = [
  ...['http.route', 'http.request.method', 'http.response.status_code', 'error.type', 'url.scheme'],
  'http.stream.kind',
  ...['network.protocol.version', 'server.address', 'server.port', 'nodejs.eventloop.state'],
  ...['v8js.gc.type', 'v8js.heap.space.name', 'v8js.resource.type', 'cpu.mode', 'process.pid', 'thread.id'],
  ...['process.runtime.version', 'routemeter.instrument', 'routemeter.attribute'],
];

const ACCEPTED = 'name=value,name2=value2, names of letters, digits, _ and .';

/** Without percent-encoding: a percent sign is a percent sign. */
const labelPairs = pairs({
  encoded: false,
  fault(key, value, before) {
    const what = nameFault(key);
    if (what !== undefined) return what;
    if (before.has(key)) return 'is given twice';
    return sameLabel(key, before.keys()) ?? (value === '' ? 'has no value' : undefined);
  },
  accepted: ACCEPTED,
});

export const labels: Check<Pairs> = (given, settings) => {
  const found = labelPairs(given);
  const variable = given.fromCode ? settings.variable('ROUTEMETER_LABELS') : undefined;
  const environment = variable && labelPairs({ ...variable, reject: () => undefined });
  for (const key of Object.keys(found ?? {})) {
    const what = sameLabel(key, Object.keys(environment ?? {}));
    if (what !== undefined) given.reject(`${quoted(key)} ${what} of ROUTEMETER_LABELS`, ACCEPTED);
  }
  return found;
};

/** What is wrong with the name of a label of every series, if anything. */
export function nameFault(key: string): string | undefined {
  if (!/^[A-Za-z_][\w.]*$/.test(key)) return 'has an invalid name';
  if (/^__|^(le|quantile)$/.test(key)) return 'has a name that Prometheus reserves';
  if (/^otel[._]/i.test(key)) return 'has a name that OpenTelemetry reserves';
  const attribute = ATTRIBUTES.find((name) => written(name) === written(key).toLowerCase());
  return attribute === undefined ? undefined : `has the name of the attribute ${attribute}`;
}

/** Whether Prometheus takes another name for the same. */
export function sameLabel(key: string, others: Iterable<string>): string | undefined {
  for (const other of others) {
    if (other !== key && written(other) === written(key)) return `is the same label as ${quoted(other)}`;
  }
  return undefined;
}

/** The name as Prometheus gets it, from us or from a Collector: one `_` for any run of `_` and `.` */
function written(key: string): string {
  return key.replace(/[._]+/g, '_');
}
