import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VARIABLES } from '../../src/config/table.ts';
import { nearMisses } from '../../src/config/unknown.ts';
import { AppProcess } from '../app-process.ts';

const misspelt: Readonly<Record<string, string>> = {
  OTEL_METRIC_EXPORTER: 'OTEL_METRICS_EXPORTER',
  otel_metrics_exporter: 'OTEL_METRICS_EXPORTER',
  OTEL_SERVICENAME: 'OTEL_SERVICE_NAME',
  OTEL_SERVICE: 'OTEL_SERVICE_NAME',
  OTEL_EXPORTER_PROMETEUS_PORT: 'OTEL_EXPORTER_PROMETHEUS_PORT',
  OTEL_PROMETHEUS_PORT: 'OTEL_EXPORTER_PROMETHEUS_PORT',
  OTEL_EXPORTER_OTLP_METRIC_ENDPOINT: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  OTEL_EXPORTER_OTLP_HEADER: 'OTEL_EXPORTER_OTLP_HEADERS',
  OTEL_METRICS_EXPORT_INTERVAL: 'OTEL_METRIC_EXPORT_INTERVAL',
  OTEL_LOGLEVEL: 'OTEL_LOG_LEVEL',
  ROUTEMETTER_ROUTES: 'ROUTEMETER_ROUTES',
  ROUTE_METER_IGNORE: 'ROUTEMETER_IGNORE',
};

/** Names of the specification, of others, and of a Service called otel in Kubernetes. */
const silent = `
  OTEL_TRACES_EXPORTER OTEL_LOGS_EXPORTER OTEL_TRACE_EXPORTER OTEL_LOG_EXPORTER OTEL_TRACES_SAMPLER
  OTEL_TRACES_SAMPLER_ARG OTEL_PROPAGATORS OTEL_METRICS_EXEMPLAR_FILTER OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  OTEL_EXPORTER_OTLP_LOGS_HEADERS OTEL_EXPORTER_OTLP_INSECURE OTEL_EXPORTER_OTLP_TRACES_TIMEOUT
  OTEL_EXPORTER_OTLP_TRACE_HEADERS OTEL_EXPORTER_ZIPKIN_ENDPOINT OTEL_EXPORTER_OTLP_METRICS_INSECURE
  OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT OTEL_BSP_EXPORT_TIMEOUT OTEL_BLRP_MAX_QUEUE_SIZE
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT OTEL_NODE_RESOURCE_DETECTORS OTEL_SEMCONV_STABILITY_OPT_IN
  OTEL_EXPERIMENTAL_CONFIG_FILE OTEL_PYTHON_LOG_LEVEL OTEL_JAVAAGENT_ENABLED OTEL_GO_LOG_LEVEL OTEL_DOTNET_AUTO_HOME
  OTEL_PHP_AUTOLOAD_ENABLED OTEL_PHP_LOG_DESTINATION OTEL_LOG_LEVELS_BY_MODULE OTEL_COLLECTOR
  OTEL_RUBY_INSTRUMENTATION_RACK_ENABLED OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED otel_traces_exporter
  ROUTES ROOT ROUTER_METRICS SERVICE_NAME NOTEL_SERVICE_NAME
  OTEL_SERVICE_HOST OTEL_SERVICE_PORT OTEL_PORT OTEL_PORT_4318_TCP_ADDR`;

/** Each with a value. */
const setAll = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'x']));

describe('a misspelt variable', () => {
  for (const [name, meant] of Object.entries(misspelt)) {
    it(`${name} is ${meant}`, () =>
      assert.deepEqual(nearMisses({ [name]: 'x' }), [
        `${name} has no effect: there is no such variable, the closest is ${meant}`,
      ]));
  }

  it('is not reported if it is empty, or if the right one is set as well', () => {
    assert.deepEqual(nearMisses({ OTEL_SERVICENAME: ' ' }), []);
    assert.deepEqual(nearMisses({ OTEL_SERVICENAME: 'a', OTEL_SERVICE_NAME: 'b' }), []);
  });

  it('is neither one that is read nor one of other programs', () => {
    assert.deepEqual(nearMisses(setAll(VARIABLES)), []);
    assert.deepEqual(nearMisses(setAll(silent.trim().split(/\s+/))), []);
  });

  it('is reported in one line, without its value, and changes nothing else', async () => {
    const env = { OTEL_EXPORTER_OTLP_HEADER: 'key=secret', ROUTEMETER_STRICT: 'true' };
    const app = new AppProcess('http.mjs', { env });
    await app.scrape();
    const [warning, measuring, ...others] = app.stderr;
    assert.equal(warning, `routemeter: ${nearMisses(env)[0]}`);
    assert.match(measuring ?? '', /measuring/);
    assert.deepEqual(others, []);
  });
});
