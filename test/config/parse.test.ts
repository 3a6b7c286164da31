/** What follows from several settings together. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatProblems } from '../../src/config/read.ts';
import { EXPORTERS } from '../../src/config/rows/exporters.ts';
import type { Rows } from '../../src/config/settings.ts';
import { TABLE, VARIABLES } from '../../src/config/table.ts';
import type { Options } from '../../src/config/types.ts';
import { LONG } from '../length.ts';
import fc, { character } from '../property.ts';
import { SAMPLES } from './samples/index.ts';
import { config, type Env, file, optionsOf, parse, problems } from './source.ts';

const ALL = { ROUTEMETER_EXPORTER: 'prometheus,otlp,statsd,console' };

describe('all settings', () => {
  const sections: readonly { rows: Rows; exporter?: string }[] = TABLE;
  const rows = sections.flatMap(({ rows, exporter }) =>
    Object.entries(rows).map(([key, row]) => ({ key, row, exporter, ...SAMPLES[row.variables[0]] })),
  );
  const environment = (of: typeof rows): Env =>
    Object.fromEntries(of.map(({ row, good = {} }) => [row.variables[0], Object.keys(good)[0]]));
  const given = config({ ...environment(rows), ...ALL });

  it("are in the configuration, and an exporter's in its part", () => {
    const elsewhere = /^(disabled|configFile|exporters|httpClient|\w+Instrumentations|ca|cert|key)$/;
    for (const { key, exporter, good = {} } of rows.filter(({ key }) => !elsewhere.test(key))) {
      const part = exporter === undefined ? given : given.exporters.find(({ kind }) => kind === exporter);
      assert.deepEqual(part && Reflect.get(part, key), Object.values(good)[0], key);
    }
  });

  it('are the same from code', () => {
    const options: Record<string, unknown> = {};
    for (const { row, option } of rows) {
      if (row.option === undefined) continue;
      const [[key = '', value] = []] = Object.entries(optionsOf(row.option, option));
      options[key] = row.option.includes('.') ? Object.assign({}, options[key], value) : value;
    }
    options.exporters = Object.keys(EXPORTERS);
    const rest = environment(rows.filter(({ row }) => row.option === undefined));
    const exporters = given.exporters.map((each) =>
      each.kind === 'otlp' ? { ...each, endpoint: 'options.otlp.url' } : each,
    );
    assert.deepEqual(config(rest, options), { ...given, exporters });
  });

  it('are all that is read from the environment, apart from one general variable', () => {
    const read = new Set<string | symbol>();
    const get = (target: Env, name: string | symbol): unknown => {
      read.add(name);
      return Reflect.get(target, name);
    };
    config(new Proxy<Env>({ OTEL_METRICS_EXPORTER: ALL.ROUTEMETER_EXPORTER }, { get }));
    assert.deepEqual([...read].sort(), [...VARIABLES, 'XDG_RUNTIME_DIR'].sort());
  });
});

describe('the configuration', () => {
  const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const TLS = 'OTEL_EXPORTER_OTLP_CLIENT_';
  const files = (env: Env): Env => ({ OTEL_METRICS_EXPORTER: 'otlp', ...env });
  const ENABLED = 'OTEL_NODE_ENABLED_INSTRUMENTATIONS';
  const DISABLED = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
  const otlp = (part: object) => ({ exporters: [{ ...config(files({})).exporters[0], ...part }] });
  const cases: readonly (readonly [env: Env, part: object, options?: Options])[] = [
    [{ OTEL_SDK_DISABLED: 'true' }, {}],
    [{ ROUTEMETER_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'zipkin' }, { exporters: [] }],
    [{ ROUTEMETER_EXPORTER: 'prometheus', OTEL_METRICS_EXPORTER: 'otlp,none' }, {}],
    [{ ROUTEMETER_EXPORTER: 'zipkin', OTEL_METRICS_EXPORTER: 'otlp' }, {}, { exporters: ['prometheus'] }],
    [{ ROUTEMETER_DISABLED: 'false', OTEL_SDK_DISABLED: 'yes' }, {}],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '1000' }, { exportIntervalMillis: 1000, exportTimeoutMillis: 1000 }],
    [{ OTEL_METRIC_EXPORT_TIMEOUT: '70000' }, { exportTimeoutMillis: 60_000 }],
    [{ [ENABLED]: 'express, fs' }, { httpEnabled: false, runtimeEnabled: false }],
    [{ [ENABLED]: 'runtime-node' }, { httpEnabled: false }],
    [{ [DISABLED]: 'fs,http' }, { httpEnabled: false }],
    [{ [DISABLED]: 'runtime-node' }, { runtimeEnabled: false }],
    [
      { [ENABLED]: 'http', [DISABLED]: 'http' },
      { httpEnabled: false, runtimeEnabled: false },
    ],
    [{ ROUTEMETER_HTTP_CLIENT: 'true' }, { httpClientEnabled: true, fetchEnabled: true }],
    [{ ROUTEMETER_HTTP_CLIENT: 'true', [DISABLED]: 'undici' }, { httpClientEnabled: true }],
    [
      { ROUTEMETER_HTTP_CLIENT: 'true', [ENABLED]: 'undici' },
      { fetchEnabled: true, httpEnabled: false, runtimeEnabled: false },
    ],
    [{ XDG_RUNTIME_DIR: '/run/user/1000' }, { runtimeDirectory: '/run/user/1000' }],
    [{ XDG_RUNTIME_DIR: 'run/user/1000' }, {}],
    [{}, { exporters: [] }, { exporters: [] }],
    [{}, { buckets: [{ instrument: '*', boundaries: [1, 2] }] }, { buckets: [1, 2] }],
    [files({ [BASE]: 'http://c//' }), otlp({ url: 'http://c/v1/metrics', endpoint: BASE })],
    [files({ [BASE]: 'https://c/o/?k=1' }), otlp({ url: 'https://c/o/v1/metrics?k=1', endpoint: BASE })],
    [
      files({ [`${TLS}CERTIFICATE`]: '/tls/cert.pem', [`${TLS}KEY`]: '/tls/key.pem' }),
      otlp({ tls: { cert: file('/tls/cert.pem'), key: file('/tls/key.pem') } }),
    ],
    // What Kubernetes sets for a Service called routemeter.
    [{ ROUTEMETER_SERVICE_HOST: '10.0.0.1', ROUTEMETER_PORT: 'tcp://10.0.0.1:80' }, {}],
    [{ ROUTEMETER_PORT_80_TCP_ADDR: '10.0.0.1', ROUTEMETER_SERVICE_PORT_HTTP: '80' }, {}],
    // Exporters that are not chosen: nothing of theirs is checked.
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', ROUTEMETER_STATSD_URL: 'x' }, {}],
    [{ OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: 'x' }, { exporters: [] }],
    // Joined name by name.
    [
      { ROUTEMETER_LABELS: 'a=1,b=1', OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=1' },
      { labels: { a: '1', b: '2' }, resourceAttributes: { a: '1', b: '2' } },
      { labels: { b: '2' }, resourceAttributes: { b: '2' } },
    ],
    [
      files({ OTEL_EXPORTER_OTLP_HEADERS: 'A=1,b=1,c=1', OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'a=3,c=3' }),
      otlp({ headers: { a: '3', b: '1', c: '2' } }),
      { otlp: { headers: { C: '2' } } },
    ],
  ];
  for (const [env, part, options] of cases) {
    it(`of ${JSON.stringify(env)} and ${JSON.stringify(options ?? {})}`, () =>
      assert.deepEqual(config(env, options), { ...config({}), ...part }));
  }
});

describe('a problem', () => {
  const labels = 'accepted: name=value,name2=value2, names of letters, digits, _ and .';
  const known = VARIABLES.filter((name) => name.startsWith('ROUTEMETER_')).join(', ');
  const tags = 'options.tags={"team":["x"],"a_b":["y"],"c":["z"]}';
  const pem = (kind: string): string => `OTEL_EXPORTER_OTLP_CLIENT_${kind}`;
  const cases: readonly (readonly [env: Env, options: unknown, ...messages: string[]])[] = [
    [{}, null, 'options=null: not an object; accepted: options by name'],
    [{}, { prometheus: 80 }, 'options.prometheus=80: not an object; accepted: an object of options'],
    [
      {},
      { statsd: { interval: 5 } },
      'options.statsd.interval=5: no such option; accepted: url, dialect, prefix, nameOrder, intervalMillis, packetSize',
    ],
    [
      {},
      { otlp: { token: 's3cret' } },
      'options.otlp.token=(not shown): no such option; accepted: protocol, url, headers, compression, timeoutMillis, temporality',
    ],
    [
      { ROUTEMETER_BUKETS: '1' },
      {},
      `ROUTEMETER_BUKETS="1": no such variable, the closest is ROUTEMETER_BUCKETS; accepted: ${known}`,
    ],
    [{ ROUTEMETER_PORT: '80' }, {}, `ROUTEMETER_PORT="80": no such variable; accepted: ${known}`],
    [
      { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:s3@cret@host' },
      {},
      'OTEL_EXPORTER_OTLP_ENDPOINT="***@host": not an http or https URL; accepted: a URL such as http://localhost:4318',
    ],
    [
      {},
      { exporters: ['statsd'], statsd: { url: 'ftp://user:s3@cret@host' } },
      'options.statsd.url="***@host": must not contain credentials, a query or a fragment; accepted: udp://host:port, tcp://host:port or unix:///path, port 8125 by default',
    ],
    [
      { OTEL_METRICS_EXPORTER: 'otlp', [pem('CERTIFICATE')]: '/tls/cert.pem' },
      {},
      `${pem('CERTIFICATE')}="/tls/cert.pem": its key is missing; accepted: both, with ${pem('KEY')}`,
    ],
    [
      { OTEL_METRICS_EXPORTER: 'otlp', [pem('KEY')]: '/tls/der.pem' },
      {},
      `${pem('KEY')}="/tls/der.pem": has no complete PRIVATE KEY block; accepted: the path of a PEM file`,
      `${pem('KEY')}="/tls/der.pem": its certificate is missing; accepted: both, with ${pem('CERTIFICATE')}`,
    ],
    [
      { ROUTEMETER_LABELS: 'a.b=1,c=1' },
      { labels: { a_b: '2', c: '2' } },
      `options.labels={"a_b":"2","c":"2"}: "a_b" is the same label as "a.b" of ROUTEMETER_LABELS; ${labels}`,
    ],
    [
      { ROUTEMETER_LABELS: 'team=x,a.b=1' },
      { tags: { team: ['x'], a_b: ['y'], c: ['z'] } },
      `${tags}: "team" is already a label of every series; accepted: names that no label has`,
      `${tags}: "a_b" is the same label as "a.b"; accepted: names that no label has`,
    ],
    ...(
      [
        [305, { ROUTEMETER_STATSD_PREFIX: 'shop' }, {}],
        [306, { ROUTEMETER_LABELS: 'team=x' }, {}],
        [511, { ROUTEMETER_LABELS: 'team=x' }, { labels: { team: 'x'.repeat(200) } }],
      ] as const
    ).map(([least, env, options]): [Env, Options, string] => [
      { OTEL_METRICS_EXPORTER: 'statsd', ROUTEMETER_STATSD_PACKET_SIZE: `${least - 1}`, ...env },
      options,
      `ROUTEMETER_STATSD_PACKET_SIZE="${least - 1}": out of range; accepted: an integer from ${least} to 65507`,
    ]),
  ];
  for (const [env, options, ...messages] of cases) {
    it(`of ${JSON.stringify(env)} and ${JSON.stringify(options)}`.slice(0, 150), () =>
      assert.deepEqual(problems(env, options), messages),
    );
  }

  it('shows its value in one line, visibly, and no more than 80 characters of it', () => {
    const cases = [
      ['a\nb\tc\r', String.raw`"a\nb\tc"`],
      ['\u001b[31m"red', String.raw`"\u001b[31m\"red"`],
      ['a\u2028b\u202ec\u007f\u0085', String.raw`"a\u2028b\u202ec\u007f\u0085"`],
      ['😀'.repeat(80), `"${'😀'.repeat(80)}"`],
      ['😀'.repeat(81), `"${'😀'.repeat(80)}…"`],
    ];
    for (const [value, shown] of cases) {
      const [problem] = problems({ ROUTEMETER_STRICT: value });
      assert.equal(problem, `ROUTEMETER_STRICT=${shown}: not a boolean; accepted: true, false`);
    }
  });
});

describe('several problems', () => {
  const BAD = Object.entries(SAMPLES).map(([name, { bad = {} }]) => [name, Object.keys(bad)] as const);

  it('are reported together, in the order of the table', () => {
    const env = Object.fromEntries(BAD.map(([name, [value]]) => [name, value]));
    const told = problems({ ...env, ...ALL, ROUTEMETER_BUKETS: '1' }).map((problem) => problem.split('=')[0]);
    const expected = BAD.filter(([name, bad]) => bad.length > 0 && !(name in ALL)).map(([name]) => name);
    assert.deepEqual([...new Set(told)], [...expected, 'ROUTEMETER_BUKETS']);
  });

  it('keep the configured log level and strictness', () => {
    const result = parse({ ROUTEMETER_STRICT: 'true', OTEL_LOG_LEVEL: 'error', ROUTEMETER_CPU: 'x' });
    const told = ['ROUTEMETER_CPU="x": not a boolean; accepted: true, false'];
    assert.deepEqual(result, { ok: false, strict: true, logLevel: 'error', problems: told });
  });

  it('are one message', () => {
    const [first, ...others] = formatProblems(['A="1": x; accepted: y', 'B="2"']).split('\n');
    assert.equal(first, 'the configuration is invalid, so the app runs without metrics:');
    assert.deepEqual(others, ['  A="1": x; accepted: y', '  B="2"']);
    assert.match(
      formatProblems([], true),
      / is invalid, so the process ends, as ROUTEMETER_STRICT requires:$/,
    );
  });

  const value = fc.oneof(
    fc.string({ unit: character }),
    fc.constantFrom(
      ...Object.values(SAMPLES).flatMap(({ good, bad = {} }) => [...Object.keys(good), ...Object.keys(bad)]),
    ),
    fc.array(fc.constantFrom(...',;=%/*+-1a\n\u2028')).map((parts) => parts.join('')),
  );
  const unknown = fc.string({ unit: character }).map((name) => `ROUTEMETER_${name}`);
  const env = fc.tuple(
    fc.dictionary(fc.constantFrom(...VARIABLES), value),
    fc.dictionary(unknown, value, { maxKeys: 2 }),
    fc.constantFrom({}, ALL),
  );

  it('of any environment have a reason and are one line each; none is thrown', () => {
    fc.assert(
      fc.property(env, (parts) => {
        const result = parse(Object.assign({}, ...parts));
        if (result.ok) return;
        assert.notEqual(result.problems.length, 0);
        for (const problem of result.problems) {
          assert.doesNotMatch(problem, /[\n\r\u2028\u2029]/);
          assert.match(problem, /^\S.*=.*: .+; accepted: .+$/u);
        }
      }),
      { numRuns: LONG ? 20_000 : 500 },
    );
  });
});
