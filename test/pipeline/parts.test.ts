import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { mayComeLater } from '../../src/pipeline/parts.ts';
import { parse } from '../config/source.ts';

describe('what measures a server', () => {
  const rows: [env: Record<string, string>, port: number | undefined, later: boolean, why: string][] = [
    [{}, 3000, true, 'the requests of a server come in its connections'],
    [{}, undefined, true, 'a server on a socket file or any port takes no port of ours'],
    [{}, 9464, false, 'the processes of a service must let go of the port before the app binds it'],
    [{ OTEL_EXPORTER_PROMETHEUS_PORT: '3000' }, 3000, false, 'the port of the metrics is another one'],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, 9464, true, 'nothing is served'],
    [{ ROUTEMETER_HTTP_ENGINE: 'otel' }, 3000, false, 'it patches the server'],
    [
      { ROUTEMETER_HTTP_CLIENT: 'true' },
      3000,
      false,
      'requests of the app are measured that need no connection',
    ],
    [{ ROUTEMETER_QUEUE: 'true' }, 3000, false, 'connections may wait while the app is busy'],
  ];
  for (const [env, port, later, why] of rows) {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    it(`is loaded ${later ? 'later' : 'at once'} for port ${port}, ${settings.join() || 'the defaults'}: ${why}`, () => {
      const result = parse(env);
      assert.ok(result.ok);
      assert.equal(mayComeLater(result.config, port), later);
    });
  }
});
