import { isAbsolute } from 'node:path';
import { load } from '../guest/load.ts';
import { quoted } from '../guest/text.ts';
import type { ConfigResult, ExporterConfig } from './config.ts';
import { labels, sameLabel } from './labels.ts';
import {
  attributeRules,
  bucketRules,
  gaugeRules,
  ignored,
  list,
  type Pairs,
  resourceAttributes,
} from './lists.ts';
import { KNOWN_METHODS, methods } from './methods.ts';
import { nearMisses } from './near-misses.ts';
import { routes } from './routes.ts';
import { defaultServiceName } from './service-name.ts';
import { isRecord, Settings } from './settings.ts';
import { tags } from './tags.ts';
import { type ConfigSource, HTTP_ENGINES, type TagDeclaration } from './types.ts';
import { choice, flag, host, integer, milliseconds, port, text } from './values.ts';
import { closest, isServiceLink, OPTIONS, VARIABLES } from './variables.ts';

/** One row an exporter. */
const EXPORTERS: Readonly<Record<string, (settings: Settings) => ExporterConfig>> = {
  prometheus: (settings) => ({
    kind: 'prometheus',
    host: settings.get(host, 'localhost', 'OTEL_EXPORTER_PROMETHEUS_HOST'),
    port: settings.get(port, 9464, 'OTEL_EXPORTER_PROMETHEUS_PORT'),
    scopeLabels: settings.get(flag, false, 'ROUTEMETER_SCOPE_LABELS'),
  }),
  otlp: (settings) => load<typeof import('./otlp.ts')>('./config/otlp').otlp(settings),
  statsd: (settings) => load<typeof import('./statsd.ts')>('./config/statsd').statsd(settings),
  console: () => ({ kind: 'console' }),
};

const logLevel = choice(['none', 'error', 'warn', 'info', 'debug'], {
  also: { verbose: 'debug', all: 'debug' },
});
const engine = choice(HTTP_ENGINES);

/** Evaluated from top to bottom in the order of VARIABLES, which is the order of the problems. */
export function parseConfig(source: ConfigSource): ConfigResult {
  const settings = new Settings(source);
  settings.get(flag, false, 'OTEL_SDK_DISABLED');
  settings
    .variable('OTEL_CONFIG_FILE')
    ?.reject(
      'declarative configuration is not supported',
      'environment variables, with OTEL_CONFIG_FILE unset',
    );
  const level = settings.get(logLevel, 'info', 'OTEL_LOG_LEVEL');
  const named = settings.find('OTEL_SERVICE_NAME');
  const name = named && text(named);
  const resource = resourceOf(settings);
  const exporters = exportersOf(settings);
  const interval = settings.get(milliseconds, 60_000, 'OTEL_METRIC_EXPORT_INTERVAL');
  const timeout = settings.get(milliseconds, 30_000, 'OTEL_METRIC_EXPORT_TIMEOUT');
  const enabled = enabledInstrumentations(settings);
  const knownMethods = settings.get(methods, KNOWN_METHODS, 'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS');
  const buckets = settings.get(bucketRules, [], 'ROUTEMETER_BUCKETS');
  const gauges = settings.get(gaugeRules, [], 'ROUTEMETER_GAUGES');
  const attributes = settings.get(attributeRules, [], 'ROUTEMETER_ATTRIBUTES');
  const cardinalityLimit = settings.get(integer(10, 1_000_000), 2000, 'ROUTEMETER_CARDINALITY_LIMIT');
  const defaultLabels = labels(settings);
  const declared = settings.get(tags, [], 'ROUTEMETER_TAGS');
  rejectTagsThatAreLabels(settings, declared, Object.keys(defaultLabels));
  const ignore = settings.get(ignored, [], 'ROUTEMETER_IGNORE');
  const patterns = settings.get(routes, [], 'ROUTEMETER_ROUTES');
  const httpEngine = settings.get(engine, 'lean', 'ROUTEMETER_HTTP_ENGINE');
  const httpClient = settings.get(flag, false, 'ROUTEMETER_HTTP_CLIENT');
  const cpu = settings.get(flag, false, 'ROUTEMETER_CPU');
  const strict = settings.get(flag, false, 'ROUTEMETER_STRICT');
  rejectUnknownVariables(settings);
  rejectUnknownOptions(settings);
  if (settings.problems.length > 0)
    return { ok: false, strict, logLevel: level, problems: settings.problems };
  const serviceName =
    (named?.fromCode ? name : resource.code['service.name']) ||
    name ||
    resource.environment['service.name'] ||
    source.processName ||
    defaultServiceName(source);
  return {
    ok: true,
    warnings: nearMisses(source.env),
    config: {
      strict,
      logLevel: level,
      serviceName,
      resourceAttributes: withoutServiceName({ ...resource.environment, ...resource.code }),
      labels: defaultLabels,
      exporters,
      exportIntervalMillis: interval,
      exportTimeoutMillis: Math.min(timeout, interval),
      buckets,
      gauges,
      attributes,
      tags: declared,
      cardinalityLimit,
      ignore,
      routes: patterns,
      httpEngine,
      knownMethods,
      httpEnabled: enabled.has('http'),
      httpClientEnabled: httpClient && enabled.has('http'),
      fetchEnabled: httpClient && enabled.has('undici'),
      cpu,
      runtimeEnabled: enabled.has('runtime-node'),
      runtimeDirectory: runtimeDirectory(source.env),
    },
  };
}

/** What the environment says and what the code says, since both count. */
function resourceOf(settings: Settings): { readonly environment: Pairs; readonly code: Pairs } {
  const environment = settings.variable('OTEL_RESOURCE_ATTRIBUTES');
  const code = settings.option('OTEL_RESOURCE_ATTRIBUTES');
  return {
    environment: (environment && resourceAttributes(environment)) ?? {},
    code: (code && resourceAttributes(code)) ?? {},
  };
}

function withoutServiceName({ 'service.name': _, ...others }: Pairs): Pairs {
  return others;
}

function exportersOf(settings: Settings): readonly ExporterConfig[] {
  const given = settings.find('OTEL_METRICS_EXPORTER');
  const entries = (given && list(given)) ?? [];
  const names = new Set(entries.map((entry) => entry.toLowerCase()));
  if (names.size === 0 && !given?.fromCode) names.add('prometheus');
  for (const name of names) {
    if (name === 'none' ? names.size === 1 : Object.hasOwn(EXPORTERS, name)) continue;
    given?.reject(exporterFault(name), [...Object.keys(EXPORTERS), 'none'].join(', '));
  }
  return Object.entries(EXPORTERS).flatMap(([name, exporter]) => (names.has(name) ? exporter(settings) : []));
}

function exporterFault(name: string): string {
  return name === 'none' ? 'none beside others' : `there is no exporter ${quoted(name)}`;
}

/** https://opentelemetry.io/docs/zero-code/js/configuration/#excluding-instrumentation-libraries */
function enabledInstrumentations(settings: Settings): ReadonlySet<string> {
  const enabled = settings.get(
    list,
    ['http', 'runtime-node', 'undici'],
    'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
  );
  const disabled = settings.get(list, [], 'OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return new Set(enabled.filter((name) => !disabled.includes(name)));
}

function rejectTagsThatAreLabels(
  settings: Settings,
  declared: readonly TagDeclaration[],
  names: readonly string[],
): void {
  for (const { key } of declared) {
    const name = names.includes(key) ? key : undefined;
    const what = name === undefined ? sameLabel(key, names) : 'is a label of every series already';
    if (what !== undefined)
      settings.find('ROUTEMETER_TAGS')?.reject(`${quoted(key)} ${what}`, 'names that no label has');
  }
}

function rejectUnknownVariables(settings: Settings): void {
  const known = Object.keys(VARIABLES).filter((name) => name.startsWith('ROUTEMETER_'));
  for (const name of Object.keys(settings.source.env).sort()) {
    if (!name.startsWith('ROUTEMETER_') || known.includes(name)) continue;
    const given = settings.variable(name);
    if (given === undefined || isServiceLink(name, String(given.value))) continue;
    given.reject(`no such variable${hint(name, known)}`, known.join(', '));
  }
}

function rejectUnknownOptions(settings: Settings): void {
  const { options } = settings.source;
  if (!isRecord(options)) settings.problem('options', options, 'not an object', 'options by name');
  else rejectUnknownKeys(settings, options, '');
}

/** @param prefix of the group, `otlp.`, or empty */
function rejectUnknownKeys(settings: Settings, group: Record<string, unknown>, prefix: string): void {
  const paths = OPTIONS.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const known = [...new Set(paths.map((path) => path.split('.')[0] ?? path))];
  for (const [key, value] of Object.entries(group)) {
    const name = `options.${prefix}${key}`;
    if (value === undefined || paths.includes(key)) continue;
    if (!known.includes(key)) {
      settings.problem(name, value, `no such option${hint(key, known)}`, known.join(', '));
    } else if (isRecord(value)) rejectUnknownKeys(settings, value, `${key}.`);
    else settings.problem(name, value, 'not an object', 'an object of options');
  }
}

function hint(name: string, known: readonly string[]): string {
  const likely = closest(name, known);
  return likely === undefined ? '' : `, the closest is ${likely}`;
}

/** A path that is not absolute counts as none: the variable is not ours, and others may read it differently. */
function runtimeDirectory({ XDG_RUNTIME_DIR: path }: ConfigSource['env']): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
