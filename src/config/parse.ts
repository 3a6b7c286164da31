import { isAbsolute } from 'node:path';
import type { Config, ConfigResult, ExporterConfig, OtlpConfig } from './config.ts';
import { EXPORTERS } from './rows/exporters.ts';
import { GENERAL } from './rows/general.ts';
import { REQUESTS, SERIES } from './rows/measuring.ts';
import { defaultServiceName } from './service-name.ts';
import { type Rows, Settings } from './settings.ts';
import type { ConfigSource, ExporterName } from './types.ts';
import { nearMisses, rejectUnknown } from './unknown.ts';

/** Reads the rows in the order of the table, which is the order of the problems. */
export function parseConfig(source: ConfigSource): ConfigResult {
  const settings = new Settings(source);
  const { disabled: _, configFile: __, serviceName, exporters: names, ...general } = settings.all(GENERAL);
  const exporters = names.map((name) => exporter(name, settings));
  const { enabledInstrumentations, disabledInstrumentations, httpClient, ...requests } =
    settings.all(REQUESTS);
  const series = settings.all(SERIES);
  rejectUnknown(settings);
  if (settings.problems.length > 0) {
    const { strict, logLevel } = general;
    return { ok: false, strict, logLevel, problems: settings.problems };
  }
  const { 'service.name': ___, ...resourceAttributes } = general.resourceAttributes;
  const enabled = (name: string): boolean =>
    enabledInstrumentations.includes(name) && !disabledInstrumentations.includes(name);
  const config: Config = {
    ...general,
    ...requests,
    ...series,
    serviceName: serviceNameOf(settings, serviceName),
    resourceAttributes,
    exporters,
    exportTimeoutMillis: Math.min(general.exportTimeoutMillis, general.exportIntervalMillis),
    httpEnabled: enabled('http'),
    httpClientEnabled: httpClient && enabled('http'),
    fetchEnabled: httpClient && enabled('undici'),
    runtimeEnabled: enabled('runtime-node'),
    runtimeDirectory: runtimeDirectory(source.env),
  };
  return { ok: true, config, warnings: nearMisses(source.env) };
}

function exporter(kind: ExporterName, settings: Settings): ExporterConfig {
  return kind === 'otlp'
    ? otlp(settings)
    : ({ kind, ...settings.all<Rows>(EXPORTERS[kind]) } as ExporterConfig);
}

function otlp(settings: Settings): OtlpConfig {
  const { ca, cert, key, ...values } = settings.all(EXPORTERS.otlp);
  const endpoint = settings.find(EXPORTERS.otlp.url);
  return {
    kind: 'otlp',
    ...values,
    ...(endpoint && { endpoint: endpoint.name }),
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  };
}

/** What the code says comes before what the environment says, and a name before a resource attribute. */
function serviceNameOf(settings: Settings, name: string | undefined): string {
  const row = GENERAL.resourceAttributes;
  const option = settings.option(row);
  const variable = settings.variable(row.variables[0]);
  const fromCode = option && settings.check(option, row)?.['service.name'];
  return (
    (settings.option(GENERAL.serviceName) ? name : fromCode) ||
    name ||
    (variable && settings.check(variable, row)?.['service.name']) ||
    settings.source.processName ||
    defaultServiceName(settings.source)
  );
}

/** A path that is not absolute counts as unset: the variable is not ours, and others may read it differently. */
function runtimeDirectory({ XDG_RUNTIME_DIR: path }: ConfigSource['env']): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
