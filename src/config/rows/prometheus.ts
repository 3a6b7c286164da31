import { flag, host, port } from '../checks/values.ts';
import type { Rows } from '../settings.ts';

export const PROMETHEUS = {
  host: {
    variables: ['OTEL_EXPORTER_PROMETHEUS_HOST'],
    option: 'prometheus.host',
    check: host,
    fallback: 'localhost',
    meaning: 'Host name or IP address to listen on',
    readme: true,
  },
  port: {
    variables: ['OTEL_EXPORTER_PROMETHEUS_PORT'],
    option: 'prometheus.port',
    check: port,
    fallback: 9464,
    meaning: 'Port to listen on, 0 to 65535; with 0 the system chooses',
    readme: true,
  },
  scopeLabels: {
    variables: ['ROUTEMETER_SCOPE_LABELS'],
    option: 'prometheus.scopeLabels',
    check: flag,
    fallback: false,
    meaning:
      '`true`: each series has the [labels of its scope](exporters.md#scope-labels), `otel_scope_name` and the like',
  },
} as const satisfies Rows;
