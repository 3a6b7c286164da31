import { isRecord } from '../guest/shape.ts';
import type { Settings, Variable } from './settings.ts';
import { OPTIONS, VARIABLES } from './table.ts';

/** Names that the table does not have: a problem if they can only be meant for us, else a warning if they are close. */

/** Every variable that starts with `ROUTEMETER_`, and every option, has to be one of the table. */
export function rejectUnknown(settings: Settings): void {
  rejectUnknownVariables(settings);
  const { options } = settings.source;
  if (!isRecord(options)) settings.problem('options', options, 'not an object', 'options by name');
  else rejectUnknownKeys(settings, options, '');
}

function rejectUnknownVariables(settings: Settings): void {
  const known = VARIABLES.filter((name) => name.startsWith('ROUTEMETER_'));
  for (const name of Object.keys(settings.source.env).sort()) {
    if (!name.startsWith('ROUTEMETER_') || known.includes(name)) continue;
    const given = settings.variable(name);
    if (given === undefined || isServiceLink(name, String(given.value))) continue;
    given.reject(`no such variable${hint(name, known)}`, known.join(', '));
  }
}

/** @param prefix the path of the group, `otlp.`, or empty */
function rejectUnknownKeys(settings: Settings, group: Record<string, unknown>, prefix: string): void {
  const paths = OPTIONS.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const known = [...new Set(paths.map((path) => path.split('.')[0] ?? path))];
  for (const [key, value] of Object.entries(group)) {
    const name = `options.${prefix}${key}`;
    // Something unknown beside the headers may be a secret as well.
    const secret = name.startsWith('options.otlp');
    if (value === undefined || paths.includes(key)) continue;
    if (!known.includes(key)) {
      settings.problem(name, value, `no such option${hint(key, known)}`, known.join(', '), secret);
    } else if (isRecord(value)) rejectUnknownKeys(settings, value, `${key}.`);
    else settings.problem(name, value, 'not an object', 'an object of options', secret);
  }
}

function hint(name: string, known: readonly string[]): string {
  const likely = closest(name, known);
  return likely === undefined ? '' : `, the closest is ${likely}`;
}

/**
 * Variables of the specification that are not read here: a name close to one of these is not a misspelling of ours.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
const OTHERS: readonly string[] = [
  ...['TRACES_EXPORTER', 'TRACES_SAMPLER', 'TRACES_SAMPLER_ARG', 'LOGS_EXPORTER', 'METRICS_EXEMPLAR_FILTER'],
  ...[
    'PROPAGATORS',
    'ENTITIES',
    'EXPERIMENTAL_CONFIG_FILE',
    'NODE_RESOURCE_DETECTORS',
    'SEMCONV_STABILITY_OPT_IN',
  ],
  ...each(['ATTRIBUTE', 'SPAN_ATTRIBUTE', 'LOGRECORD_ATTRIBUTE'], ['COUNT_LIMIT', 'VALUE_LENGTH_LIMIT']),
  ...each(['SPAN_EVENT', 'SPAN_LINK', 'EVENT_ATTRIBUTE', 'LINK_ATTRIBUTE'], ['COUNT_LIMIT']),
  ...each(['BSP', 'BLRP'], ['SCHEDULE_DELAY', 'EXPORT_TIMEOUT', 'MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE']),
  ...each(['EXPORTER_ZIPKIN'], ['ENDPOINT', 'PROTOCOL', 'TIMEOUT']),
  ...each(['EXPORTER_OTLP'], ['INSECURE', 'METRICS_INSECURE', 'METRIC_INSECURE', 'SPAN_INSECURE']),
  ...each(
    ['EXPORTER_OTLP_TRACES', 'EXPORTER_OTLP_LOGS', 'EXPORTER_OTLP_PROFILES'],
    [
      ...['ENDPOINT', 'PROTOCOL', 'HEADERS', 'COMPRESSION', 'TIMEOUT', 'INSECURE'],
      ...['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'],
    ],
  ),
].map((name) => `OTEL_${name}`);

function each(starts: readonly string[], ends: readonly string[]): readonly string[] {
  return starts.flatMap((start) => ends.map((end) => `${start}_${end}`));
}

/** What people write that is further away than a slip of the pen. */
const ALIASES: Readonly<Record<Variable, readonly string[]>> = {
  OTEL_SERVICE_NAME: ['OTEL_SERVICE'],
  OTEL_METRICS_EXPORTER: ['OTEL_EXPORTER'],
  OTEL_EXPORTER_PROMETHEUS_HOST: [
    'OTEL_PROMETHEUS_HOST',
    'OTEL_EXPORTER_PROMETHEUS_HOSTNAME',
    'OTEL_METRICS_EXPORTER_PROMETHEUS_HOST',
  ],
  OTEL_EXPORTER_PROMETHEUS_PORT: ['OTEL_PROMETHEUS_PORT', 'OTEL_METRICS_EXPORTER_PROMETHEUS_PORT'],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    'OTEL_ENDPOINT',
    'OTEL_OTLP_ENDPOINT',
    'OTEL_EXPORTER_ENDPOINT',
    'OTEL_EXPORTER_OTLP_URL',
  ],
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ['OTEL_EXPORTER_OTLP_METRICS_URL'],
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY'],
  OTEL_METRIC_EXPORT_INTERVAL: ['OTEL_METRIC_INTERVAL', 'OTEL_METRICS_INTERVAL', 'OTEL_EXPORT_INTERVAL'],
  OTEL_RESOURCE_ATTRIBUTES: ['OTEL_ATTRIBUTES', 'OTEL_RESOURCE_ATTRS'],
  OTEL_SDK_DISABLED: ['OTEL_DISABLED'],
};

const ALL = [...VARIABLES, ...OTHERS];
/** How many edits make a name a misspelt one: vendors have names of their own. */
const MOST_EDITS = 2;

/**
 * One sentence for each variable that is set but not read here, and is close to one that is read here but not set. It
 * may be somebody else's, so it is not a problem; its value may be a secret and is not shown.
 */
export function nearMisses(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(env)
    .filter((name) => /^(otel_|ro)/i.test(name) && !name.startsWith('ROUTEMETER_') && !ALL.includes(name))
    .sort()
    .flatMap((name) => {
      const value = env[name]?.trim() ?? '';
      const meant = value === '' || isServiceLink(name, value) ? undefined : meantBy(name.toUpperCase());
      if (meant === undefined || (env[meant] ?? '').trim() !== '') return [];
      return `${name} has no effect: there is no such variable, the closest is ${meant}`;
    });
}

function meantBy(name: string): string | undefined {
  const alias = Object.entries(ALIASES).find(([, aliases]) => aliases.includes(name))?.[0];
  const found = alias ?? closest(name, ALL, MOST_EDITS);
  return found !== undefined && VARIABLES.includes(found) ? found : undefined;
}

/** `ROUTEMETER_PORT=tcp://...` and the like, which Kubernetes sets for a Service called routemeter. */
function isServiceLink(name: string, value: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
  );
}

/**
 * The name that was probably meant: at most three letters away, and no more than half of it.
 * @param most letters, if not three
 */
function closest(name: string, known: readonly string[], most = 3): string | undefined {
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const edits = distance(name, candidate);
    if (edits < bestDistance && edits * 2 <= candidate.length) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const [insert = 0, erase = 0, swap = 0] = [current[column - 1], above[column], above[column - 1]];
      current.push(Math.min(insert + 1, erase + 1, swap + (a[row - 1] === b[column - 1] ? 0 : 1)));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
