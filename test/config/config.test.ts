import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type {
  Config,
  ConfigResult,
  OtlpConfig,
  PrometheusConfig,
  StatsdConfig,
} from '../../src/config/config.ts';
import { formatProblems, isDisabled, parseConfig } from '../../src/config/read.ts';
import type { ConfigSource, GaugeAggregation, Options } from '../../src/config/types.ts';
import { OPTIONS, VARIABLES } from '../../src/config/variables.ts';
import { ATTRIBUTES as HTTP_ATTRIBUTES } from '../../src/instruments/http/attributes.ts';
import { createManualRouter } from '../../src/instruments/routes/manual-router.ts';
import { labelName } from '../../src/metric-data/labels.ts';
import { ownMetrics } from '../docs/metrics.ts';
import fc from '../property.ts';

type Env = ConfigSource['env'];

/** The shape of a PEM file; nothing decodes what is inside. */
const pem = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

/** Those of every metric of ours, and those that tell the gauges of a group's processes apart. */
const OWN_ATTRIBUTES = [
  ...new Set([
    ...HTTP_ATTRIBUTES.map(({ name }) => name),
    ...ownMetrics().flatMap(({ attributes }) => attributes),
    'process.pid',
    'thread.id',
  ]),
].filter((name) => name !== 'tags');

/** Patterns of other frameworks, and what is written here; empty where nothing is. */
const OTHER_SPELLINGS: Readonly<Record<string, string>> = {
  '/users/{id}': '/users/:id',
  '/users/{id}/posts/{post}': '/users/:id/posts/:post',
  '/users/{id:int}': '/users/:id',
  '/users/{id?}': '/users/:id?',
  '/users{/:id}': '/users/:id?',
  '/files/{name}.json': '/files/:name.json',
  '/files/{*path}': '/files/*',
  '/files/{path:path}': '/files/*',
  '/files/{path...}': '/files/*',
  '/users/<id>': '/users/:id',
  '/users/<int:id>': '/users/:id',
  '/files/<path:name>': '/files/*',
  '/users/[id]': '/users/:id',
  '/files/[...path]': '/files/*',
  '/files/[[...path]]': '/files/*',
  '/users/{user-id}': '',
  '/users/{}': '',
  '/users/{id': '',
  '/a]': '',
};

const FILES: Readonly<Record<string, string>> = {
  '/srv/shop/package.json': '{"name":"shop"}',
  '/srv/shop/dist/package.json': '{"type":"module"}',
  '/srv/shop/broken/package.json': '{"name":',
  '/tls/ca.pem': `# authority\r\n${pem('CERTIFICATE').replaceAll('\n', '\r\n')}`,
  '/tls/cert.pem': pem('CERTIFICATE'),
  '/tls/key.pem': pem('PRIVATE KEY'),
  '/tls/old.pem': pem('X509 CERTIFICATE'),
  '/srv/apps/cart/package.json': '{"name":"cart"}',
  '/srv/shop/node_modules/serve/package.json': '{"name":"serve"}',
  '/usr/lib/node_modules/serve/package.json': '{"name":"serve"}',
  '/tls/trusted.pem': pem('TRUSTED CERTIFICATE'),
  '/tls/rsa.pem': pem('RSA PRIVATE KEY'),
  '/tls/ec.pem': pem('EC PARAMETERS') + pem('EC PRIVATE KEY'),
  '/tls/encrypted.pem': pem('ENCRYPTED PRIVATE KEY'),
  '/tls/both.pem': pem('PRIVATE KEY') + pem('CERTIFICATE'),
  '/tls/empty.pem': '',
  '/tls/der.pem': '0\u0082\u0003\u0000',
  '/tls/request.pem': pem('CERTIFICATE REQUEST'),
  '/tls/public.pem': pem('PUBLIC KEY'),
  '/tls/cut.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n',
  '/tls/cut-key.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n',
  '/tls/indented.pem': ` ${pem('CERTIFICATE')}`,
};
const fileText = (path: string): Buffer => Buffer.from(FILES[path] ?? '');

/** Windows spells the paths of this table with its own separators. */
const asPosix = (path: string): string => path.replace(/^[A-Za-z]:/, '').replaceAll('\\', '/');

function parse(env: Env, options: unknown = {}, place: Partial<ConfigSource> = {}): ConfigResult {
  return parseConfig({
    env,
    // What JavaScript may pass, whatever the types say.
    options: options as Options,
    entry: '/srv/shop/dist/main.js',
    cwd: '/srv/app',
    readFile(path) {
      const text = FILES[asPosix(path)];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(text);
    },
    ...place,
  });
}

function config(env: Env, options: unknown = {}, place: Partial<ConfigSource> = {}): Config {
  const result = parse(env, options, place);
  assert.deepEqual(result.ok ? [] : result.problems, []);
  assert.ok(result.ok);
  return result.config;
}

function problems(env: Env, options: unknown = {}): readonly string[] {
  const result = parse(env, options);
  return result.ok ? [] : result.problems;
}

const DEFAULT: Config = {
  strict: false,
  logLevel: 'info',
  serviceName: 'shop',
  resourceAttributes: {},
  labels: {},
  exporters: [{ kind: 'prometheus', host: 'localhost', port: 9464, scopeLabels: false }],
  exportIntervalMillis: 60_000,
  exportTimeoutMillis: 30_000,
  buckets: [],
  gauges: [],
  attributes: [],
  tags: [],
  cardinalityLimit: 2000,
  ignore: [],
  routes: [],
  httpEngine: 'lean',
  knownMethods: ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'],
  httpEnabled: true,
  httpClientEnabled: false,
  fetchEnabled: false,
  cpu: false,
  runtimeEnabled: true,
  runtimeDirectory: undefined,
};

const OTLP: OtlpConfig = {
  kind: 'otlp',
  protocol: 'http/protobuf',
  url: 'http://localhost:4318/v1/metrics',
  headers: {},
  compression: 'none',
  timeoutMillis: 10_000,
  tls: {},
  temporality: 'cumulative',
  histogramAggregation: 'explicit_bucket_histogram',
};

const STATSD: StatsdConfig = {
  kind: 'statsd',
  address: { transport: 'udp', host: '127.0.0.1', port: 8125 },
  dialect: 'dogstatsd',
  prefix: '',
  nameOrder: ['http.request.method', 'http.route', 'http.response.status_code'],
  intervalMillis: 10_000,
  packetSize: 1432,
};

const prometheus = (part: Partial<PrometheusConfig>): Partial<Config> => ({
  exporters: [{ kind: 'prometheus', host: 'localhost', port: 9464, scopeLabels: false, ...part }],
});
const otlp = (part: Partial<OtlpConfig>): Partial<Config> => ({ exporters: [{ ...OTLP, ...part }] });
const statsd = (part: Partial<StatsdConfig>): Partial<Config> => ({ exporters: [{ ...STATSD, ...part }] });
const statsdUrl = (url: string): Env => statsdEnv({ URL: url });
/** StatsD variables are named without their beginning, and the exporter is chosen with them. */
const statsdEnv = (env: Readonly<Record<string, string>>): Env => ({
  OTEL_METRICS_EXPORTER: 'statsd',
  ...Object.fromEntries(Object.entries(env).map(([name, value]) => [`ROUTEMETER_STATSD_${name}`, value])),
});
/** OTLP variables are named without their beginning, and the exporter is chosen with them. */
const BASE_ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const METRICS_ENDPOINT = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT';
const otlpEnv = (env: Readonly<Record<string, string>>): Env => ({
  OTEL_METRICS_EXPORTER: 'otlp',
  ...Object.fromEntries(Object.entries(env).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value])),
});
const buckets = (...rules: readonly [string, ...number[]][]): Partial<Config> => ({
  buckets: rules.map(([instrument, ...boundaries]) => ({ instrument, boundaries })),
});
const gauges = (...rules: readonly [string, GaugeAggregation][]): Partial<Config> => ({
  gauges: rules.map(([instrument, aggregation]) => ({ instrument, aggregation })),
});
const upTo = (count: number): string => Array.from({ length: count }, (_, index) => index + 1).join(',');

describe('nothing given', () => {
  test('means the defaults', () => assert.deepEqual(config({}), DEFAULT));
  test('and empty or blank values are nothing', () => {
    const env = Object.fromEntries(
      Object.keys(VARIABLES).map((name, index) => [name, index % 2 === 0 ? '' : ' \t']),
    );
    assert.deepEqual(config(env), DEFAULT);
  });
  test('and the defaults of OTLP', () =>
    assert.deepEqual(config({ OTEL_METRICS_EXPORTER: 'otlp' }), { ...DEFAULT, exporters: [OTLP] }));
  test('and the defaults of StatsD', () =>
    assert.deepEqual(config({ OTEL_METRICS_EXPORTER: 'statsd' }), { ...DEFAULT, exporters: [STATSD] }));
});

const GOOD: readonly [Env, Partial<Config>][] = [
  [{ OTEL_SDK_DISABLED: 'False' }, {}],
  [{ OTEL_SDK_DISABLED: 'true' }, {}],
  [{ OTEL_LOG_LEVEL: 'WARN' }, { logLevel: 'warn' }],
  [{ OTEL_LOG_LEVEL: 'none' }, { logLevel: 'none' }],
  [{ OTEL_LOG_LEVEL: 'verbose' }, { logLevel: 'debug' }],
  [{ OTEL_LOG_LEVEL: 'ALL' }, { logLevel: 'debug' }],
  [{ OTEL_SERVICE_NAME: ' cart ' }, { serviceName: 'cart' }],
  [
    { OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.2, team=a%2Cb%3Dc,' },
    { resourceAttributes: { 'service.version': '1.2', team: 'a,b=c' } },
  ],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,x=' }, { serviceName: 'a', resourceAttributes: { x: '' } }],
  [{ OTEL_METRICS_EXPORTER: 'none' }, { exporters: [] }],
  [{ OTEL_METRICS_EXPORTER: 'Console' }, { exporters: [{ kind: 'console' }] }],
  [
    { OTEL_METRICS_EXPORTER: 'otlp, prometheus,otlp' },
    { exporters: [{ kind: 'prometheus', host: 'localhost', port: 9464, scopeLabels: false }, OTLP] },
  ],
  [{ OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' }, prometheus({ host: '0.0.0.0' })],
  [{ OTEL_EXPORTER_PROMETHEUS_HOST: '::1' }, prometheus({ host: '::1' })],
  [{ OTEL_EXPORTER_PROMETHEUS_PORT: '0' }, prometheus({ port: 0 })],
  [{ OTEL_EXPORTER_PROMETHEUS_PORT: '65535' }, prometheus({ port: 65535 })],
  [otlpEnv({ PROTOCOL: 'HTTP/JSON' }), otlp({ protocol: 'http/json' })],
  [otlpEnv({ METRICS_PROTOCOL: 'http/json', PROTOCOL: 'grpc' }), otlp({ protocol: 'http/json' })],
  [
    otlpEnv({ ENDPOINT: 'http://c:4318' }),
    otlp({ url: 'http://c:4318/v1/metrics', endpoint: BASE_ENDPOINT }),
  ],
  [
    otlpEnv({ ENDPOINT: 'http://c:4318//' }),
    otlp({ url: 'http://c:4318/v1/metrics', endpoint: BASE_ENDPOINT }),
  ],
  [
    otlpEnv({ ENDPOINT: 'https://c/otel/?k=1' }),
    otlp({ url: 'https://c/otel/v1/metrics?k=1', endpoint: BASE_ENDPOINT }),
  ],
  [otlpEnv({ METRICS_ENDPOINT: 'http://c:9/x' }), otlp({ url: 'http://c:9/x', endpoint: METRICS_ENDPOINT })],
  [
    otlpEnv({ METRICS_ENDPOINT: 'http://c:9', ENDPOINT: 'junk' }),
    otlp({ url: 'http://c:9/', endpoint: METRICS_ENDPOINT }),
  ],
  [
    otlpEnv({ HEADERS: 'api-key=a%20b,x=Basic YQ==' }),
    otlp({ headers: { 'api-key': 'a b', x: 'Basic YQ==' } }),
  ],
  [otlpEnv({ HEADERS: 'A=1,b=2', METRICS_HEADERS: 'a=3' }), otlp({ headers: { a: '3', b: '2' } })],
  [otlpEnv({ COMPRESSION: 'gzip' }), otlp({ compression: 'gzip' })],
  [otlpEnv({ METRICS_COMPRESSION: 'none', COMPRESSION: 'gzip' }), otlp({ compression: 'none' })],
  [otlpEnv({ TIMEOUT: '2147483647' }), otlp({ timeoutMillis: 2147483647 })],
  [otlpEnv({ METRICS_TIMEOUT: '1', TIMEOUT: '2' }), otlp({ timeoutMillis: 1 })],
  [otlpEnv({ CERTIFICATE: '/tls/ca.pem' }), otlp({ tls: { ca: fileText('/tls/ca.pem') } })],
  [otlpEnv({ METRICS_CERTIFICATE: '../../tls/ca.pem' }), otlp({ tls: { ca: fileText('/tls/ca.pem') } })],
  [
    otlpEnv({ CLIENT_CERTIFICATE: '/tls/cert.pem', CLIENT_KEY: '/tls/key.pem' }),
    otlp({ tls: { cert: fileText('/tls/cert.pem'), key: fileText('/tls/key.pem') } }),
  ],
  [
    otlpEnv({
      METRICS_CLIENT_CERTIFICATE: '/tls/cert.pem',
      CLIENT_CERTIFICATE: '/no',
      METRICS_CLIENT_KEY: '/tls/key.pem',
      CLIENT_KEY: '/no',
    }),
    otlp({ tls: { cert: fileText('/tls/cert.pem'), key: fileText('/tls/key.pem') } }),
  ],
  ...['/tls/old.pem', '/tls/trusted.pem', '/tls/both.pem'].map((path): [Env, Partial<Config>] => [
    otlpEnv({ CERTIFICATE: path }),
    otlp({ tls: { ca: fileText(path) } }),
  ]),
  ...['/tls/rsa.pem', '/tls/ec.pem', '/tls/encrypted.pem', '/tls/both.pem'].map(
    (path): [Env, Partial<Config>] => [
      otlpEnv({ CLIENT_CERTIFICATE: '/tls/cert.pem', CLIENT_KEY: path }),
      otlp({ tls: { cert: fileText('/tls/cert.pem'), key: fileText(path) } }),
    ],
  ),
  [otlpEnv({ METRICS_TEMPORALITY_PREFERENCE: 'Delta' }), otlp({ temporality: 'delta' })],
  [otlpEnv({ METRICS_TEMPORALITY_PREFERENCE: 'lowmemory' }), otlp({ temporality: 'lowmemory' })],
  [
    otlpEnv({ METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram' }),
    otlp({ histogramAggregation: 'base2_exponential_bucket_histogram' }),
  ],
  ...(
    [
      ['udp://statsd', { transport: 'udp', host: 'statsd', port: 8125 }],
      ['UDP://10.0.0.1:9125/', { transport: 'udp', host: '10.0.0.1', port: 9125 }],
      ['tcp://statsd.shop.example:1', { transport: 'tcp', host: 'statsd.shop.example', port: 1 }],
      ['tcp://[::1]:65535', { transport: 'tcp', host: '::1', port: 65_535 }],
      ['unix:///var/run/stats%20d.sock', { transport: 'unix', path: '/var/run/stats d.sock' }],
      [`unix:///${'a'.repeat(106)}`, { transport: 'unix', path: `/${'a'.repeat(106)}` }],
    ] as const
  ).map(([url, address]): [Env, Partial<Config>] => [statsdUrl(url), statsd({ address })]),
  ...(['datadog', 'dogstatsd', 'etsy', 'graphite', 'sysdig', 'telegraf'] as const).map(
    (dialect): [Env, Partial<Config>] => [statsdEnv({ DIALECT: dialect.toUpperCase() }), statsd({ dialect })],
  ),
  ...(
    [
      ['shop', 'shop.'],
      ['shop.', 'shop.'],
      ['shop-web_', 'shop-web_'],
      ['1', '1.'],
    ] as const
  ).map(([given, prefix]): [Env, Partial<Config>] => [statsdEnv({ PREFIX: given }), statsd({ prefix })]),
  [statsdEnv({ NAME_ORDER: 'http.route, team' }), statsd({ nameOrder: ['http.route', 'team'] })],
  [statsdEnv({ INTERVAL: '1' }), statsd({ intervalMillis: 1 })],
  [statsdEnv({ PACKET_SIZE: '300' }), statsd({ packetSize: 300 })],
  [statsdEnv({ PACKET_SIZE: '65507' }), statsd({ packetSize: 65_507 })],
  [{ OTEL_METRIC_EXPORT_INTERVAL: '90000' }, { exportIntervalMillis: 90_000 }],
  [{ OTEL_METRIC_EXPORT_INTERVAL: '1000' }, { exportIntervalMillis: 1000, exportTimeoutMillis: 1000 }],
  [{ OTEL_METRIC_EXPORT_TIMEOUT: '500' }, { exportTimeoutMillis: 500 }],
  [{ OTEL_METRIC_EXPORT_TIMEOUT: '70000' }, { exportTimeoutMillis: 60_000 }],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'express, fs' }, { httpEnabled: false, runtimeEnabled: false }],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'express, http' }, { runtimeEnabled: false }],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'runtime-node' }, { httpEnabled: false }],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'runtime-node,http' }, {}],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,http' }, { httpEnabled: false }],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node' }, { runtimeEnabled: false }],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'made-up' }, {}],
  [
    { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' },
    { httpEnabled: false, runtimeEnabled: false },
  ],
  [{ ROUTEMETER_BUCKETS: '0.01, .1,1e0' }, buckets(['*', 0.01, 0.1, 1])],
  [{ ROUTEMETER_BUCKETS: '*=-1,0,1' }, buckets(['*', -1, 0, 1])],
  [
    { ROUTEMETER_BUCKETS: 'http.server.*=0.01,0.1;db.query=5;1,2;' },
    buckets(['http.server.*', 0.01, 0.1], ['db.query', 5], ['*', 1, 2]),
  ],
  [
    { ROUTEMETER_BUCKETS: upTo(200) },
    { buckets: [{ instrument: '*', boundaries: upTo(200).split(',').map(Number) }] },
  ],
  [
    { ROUTEMETER_GAUGES: 'z.length=max, config.* = Newest,*=SUM,a/b-c_d.1=min,h=process,' },
    gauges(['z.length', 'max'], ['config.*', 'newest'], ['*', 'sum'], ['a/b-c_d.1', 'min'], ['h', 'process']),
  ],
  [
    { ROUTEMETER_ATTRIBUTES: '-*,+server.address, -url.*' },
    {
      attributes: [
        { attribute: '*', keep: false },
        { attribute: 'server.address', keep: true },
        { attribute: 'url.*', keep: false },
      ],
    },
  ],
  [{ ROUTEMETER_CARDINALITY_LIMIT: '10' }, { cardinalityLimit: 10 }],
  [{ ROUTEMETER_CARDINALITY_LIMIT: '1000000' }, { cardinalityLimit: 1_000_000 }],
  [
    { ROUTEMETER_LABELS: 'environment=dev, k8s.pod_name=a=b%20' },
    { labels: { environment: 'dev', 'k8s.pod_name': 'a=b%20' } },
  ],
  [
    { ROUTEMETER_TAGS: 'plan=free, pro ;app.region=eu;' },
    {
      tags: [
        { key: 'plan', values: ['free', 'pro'] },
        { key: 'app.region', values: ['eu'] },
      ],
    },
  ],
  [{ ROUTEMETER_IGNORE: '/healthz,/internal/*,*' }, { ignore: ['/healthz', '/internal/*', '*'] }],
  ...[
    ['/'],
    ['/users/:id', '/f/:x?', '/files/*'],
    ['/:a', '/:a/:a', '/:a/x', '/:a/', '/:a-x', '/:a.x', '/v:a', '/:a-:b', '/:a.:b', '/x/:a.json'],
    ['/:a?', '/x/:a?', '/x/:a/:b'],
    ['/*', '/a*', '/a/*', '/:a/*'],
    ['/ é', '/a.b-c_d~e', '//'],
  ].map((routes): [Env, Partial<Config>] => [{ ROUTEMETER_ROUTES: routes.join() }, { routes }]),
  [{ ROUTEMETER_HTTP_ENGINE: 'OTEL' }, { httpEngine: 'otel' }],
  [{ ROUTEMETER_HTTP_CLIENT: 'true' }, { httpClientEnabled: true, fetchEnabled: true }],
  [
    { ROUTEMETER_HTTP_CLIENT: 'true', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'undici' },
    { httpClientEnabled: true },
  ],
  [
    { ROUTEMETER_HTTP_CLIENT: 'true', OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'undici' },
    { fetchEnabled: true, httpEnabled: false, runtimeEnabled: false },
  ],
  [{ ROUTEMETER_CPU: 'True' }, { cpu: true }],
  [{ ROUTEMETER_SCOPE_LABELS: 'True' }, prometheus({ scopeLabels: true })],
  [
    { OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: ' GET, PURGE,M-SEARCH ,,get' },
    { knownMethods: ['GET', 'PURGE', 'M-SEARCH', 'get'] },
  ],
  [{ ROUTEMETER_STRICT: 'TRUE' }, { strict: true }],
  [{ XDG_RUNTIME_DIR: '/run/user/1000' }, { runtimeDirectory: '/run/user/1000' }],
  [{ XDG_RUNTIME_DIR: 'run/user/1000' }, {}],
  [{ XDG_RUNTIME_DIR: '' }, {}],
  // What Kubernetes sets beside a Service called routemeter.
  [{ ROUTEMETER_SERVICE_HOST: '10.0.0.1', ROUTEMETER_PORT: 'tcp://10.0.0.1:80' }, {}],
  [{ ROUTEMETER_PORT_80_TCP_ADDR: '10.0.0.1', ROUTEMETER_SERVICE_PORT_HTTP: '80' }, {}],
];

describe('a good value', () => {
  for (const [env, part] of GOOD) {
    test(JSON.stringify(env).slice(0, 150), () => assert.deepEqual(config(env), { ...DEFAULT, ...part }));
  }
});

const KNOWN = [
  'SCOPE_LABELS',
  ...['URL', 'DIALECT', 'PREFIX', 'NAME_ORDER', 'INTERVAL', 'PACKET_SIZE'].map((name) => `STATSD_${name}`),
  ...['BUCKETS', 'GAUGES', 'ATTRIBUTES', 'CARDINALITY_LIMIT', 'LABELS', 'TAGS', 'IGNORE'],
  ...['ROUTES', 'HTTP_ENGINE', 'HTTP_CLIENT', 'CPU', 'STRICT'],
]
  .map((name) => `ROUTEMETER_${name}`)
  .join(', ');
const METHODS = 'accepted: all methods to be told apart, such as GET,HEAD,POST,PURGE';
const BOOLEAN = 'not a boolean; accepted: true, false';
const DELAY = 'accepted: an integer from 1 to 2147483647';
const EXPORTER = 'accepted: prometheus, otlp, statsd, console, none';
const HEADERS = 'accepted: name=value,name2=value2, percent-encoded';
const RESOURCE = 'accepted: key=value,key2=value2, percent-encoded';
const LABELS = 'accepted: name=value,name2=value2, names of letters, digits, _ and .';
const TAGS = 'accepted: name=value,value2 with ; between several, names of letters, digits, _ and .';
const GAUGES =
  'accepted: name=aggregation,name2=aggregation2, * in names for any text, aggregations sum, max, min, newest, process';
const BUCKETS = 'accepted: increasing numbers such as 0.1,0.5,1, or name=0.01,0.1 with ; between several';
const ATTRIBUTES = 'accepted: +name to keep and -name to drop, * for any text';
const WORD = 'not one of the accepted values; accepted';
const URL_WANTED = 'not an http or https URL; accepted: a URL such as http://localhost:4318';
const ROUTES = 'accepted: patterns such as /users/:id,/users/:id/posts/:post?,/files/*';
const STATSD_URL = 'accepted: udp://host:port, tcp://host:port or unix:///path, port 8125 if there is none';
const PREFIX = 'accepted: letters, digits, _, - and ., such as shop or shop.web';
const ORDER =
  'accepted: names of attributes, such as http.request.method,http.route,http.response.status_code';
const PEM = 'accepted: the path of a PEM file';

/** A variable, a value, and what the message says after both. */
const BAD: readonly [name: string, value: string, ...messages: string[]][] = [
  ['OTEL_SDK_DISABLED', 'yes', BOOLEAN],
  [
    'OTEL_CONFIG_FILE',
    'otel.yaml',
    'declarative configuration is not supported; accepted: environment variables, with OTEL_CONFIG_FILE unset',
  ],
  ['OTEL_LOG_LEVEL', 'loud', `${WORD}: none, error, warn, info, debug, verbose, all`],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a', `"a" has no =; ${RESOURCE}`],
  [
    'OTEL_RESOURCE_ATTRIBUTES',
    '=1,b=%zz',
    `"=1" has no key; ${RESOURCE}`,
    `"b=%zz" has a % that encodes nothing; ${RESOURCE}`,
  ],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a=b=c', `"a=b=c" has a second =, which is written %3D; ${RESOURCE}`],
  ['OTEL_METRICS_EXPORTER', 'stats', `there is no exporter "stats"; ${EXPORTER}`],
  ['OTEL_METRICS_EXPORTER', 'none,console', `none beside others; ${EXPORTER}`],
  [
    'OTEL_METRICS_EXPORTER',
    'a,console,toString',
    `there is no exporter "a"; ${EXPORTER}`,
    `there is no exporter "tostring"; ${EXPORTER}`,
  ],
  [
    'OTEL_EXPORTER_PROMETHEUS_HOST',
    'localhost:9464',
    'not a host; accepted: a host name or an IP address, without a port',
  ],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '65536', 'out of range; accepted: an integer from 0 to 65535'],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '0x10', 'not an integer; accepted: an integer from 0 to 65535'],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '-1', 'not an integer; accepted: an integer from 0 to 65535'],
  [
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'grpc',
    'gRPC is not supported, a Collector takes http/protobuf on port 4318; accepted: http/protobuf, http/json',
  ],
  ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http', `${WORD}: http/protobuf, http/json`],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', URL_WANTED],
  ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'ftp://c', URL_WANTED],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', `${WORD}: gzip, none`],
  ['OTEL_EXPORTER_OTLP_METRICS_COMPRESSION', 'br', `${WORD}: gzip, none`],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', `out of range; ${DELAY}`],
  ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '10s', `not an integer; ${DELAY}`],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/no/ca.pem', `cannot be read (ENOENT); ${PEM}`],
  ['OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE', 'ca.pem', `cannot be read (ENOENT); ${PEM}`],
  [
    'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    '/tls/cert.pem',
    'a certificate without its key; accepted: OTEL_EXPORTER_OTLP_CLIENT_KEY as well',
  ],
  [
    'OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE',
    '/tls/cert.pem',
    'a certificate without its key; accepted: OTEL_EXPORTER_OTLP_CLIENT_KEY as well',
  ],
  [
    'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    '/tls/key.pem',
    'a key without its certificate; accepted: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well',
  ],
  [
    'OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY',
    '/tls/key.pem',
    'a key without its certificate; accepted: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well',
  ],
  ...['empty', 'der', 'key', 'request', 'cut', 'indented'].map((file): [string, string, string] => [
    'OTEL_EXPORTER_OTLP_CERTIFICATE',
    `/tls/${file}.pem`,
    `has no complete CERTIFICATE block; ${PEM}`,
  ]),
  ['OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE', '/tls/key.pem', `has no complete CERTIFICATE block; ${PEM}`],
  ...['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE'].map(
    (name): [string, string, string, string] => [
      name,
      '/tls/key.pem',
      `has no complete CERTIFICATE block; ${PEM}`,
      'a certificate without its key; accepted: OTEL_EXPORTER_OTLP_CLIENT_KEY as well',
    ],
  ),
  ...['empty', 'der', 'cert', 'public', 'cut-key'].map((file): [string, string, string, string] => [
    'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    `/tls/${file}.pem`,
    `has no complete PRIVATE KEY block; ${PEM}`,
    'a key without its certificate; accepted: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well',
  ]),
  [
    'OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY',
    '/tls/cert.pem',
    `has no complete PRIVATE KEY block; ${PEM}`,
    'a key without its certificate; accepted: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well',
  ],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'both', `${WORD}: cumulative, delta, lowmemory`],
  [
    'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    'x',
    `${WORD}: explicit_bucket_histogram, base2_exponential_bucket_histogram`,
  ],
  ...(
    [
      ['http://statsd:8125', 'the scheme "http" is none of StatsD\'s'],
      ['statsd:8125', 'the scheme "statsd" is none of StatsD\'s'],
      ['127.0.0.1:8125', 'not a URL'],
      ['udp://statsd:70000', 'not a URL'],
      ['udp://statsd:0', 'no port'],
      ['udp://', 'no host'],
      ['udp://:8125', 'not a URL'],
      ['udp://a%20b:8125', 'no host'],
      ['udp:statsd:8125', 'more than an address'],
      ['udp://statsd/metrics', 'more than an address'],
      ['tcp://statsd?tls=1', 'more than an address'],
      ['tcp://statsd#x', 'more than an address'],
      ['unix://run/statsd.sock', 'not the absolute path of a socket'],
      ['unix:///', 'not the absolute path of a socket'],
      ['unix:///run/', 'not the absolute path of a socket'],
      ['unix:///a%00b', 'not the absolute path of a socket'],
      ['unix:///a%zz', 'not the absolute path of a socket'],
      [`unix:///${'a'.repeat(107)}`, 'a path of more than 107 bytes'],
    ] as const
  ).map(([url, what]): [string, string, string] => ['ROUTEMETER_STATSD_URL', url, `${what}; ${STATSD_URL}`]),
  ['ROUTEMETER_STATSD_DIALECT', 'influx', `${WORD}: datadog, dogstatsd, etsy, graphite, sysdig, telegraf`],
  ...['my shop', '.shop', 'shop:', 'a|b', 'a#b', 'é', 'a/b', 'a..b'].map(
    (prefix): [string, string, string] => [
      'ROUTEMETER_STATSD_PREFIX',
      prefix,
      `not a prefix of a name; ${PREFIX}`,
    ],
  ),
  ['ROUTEMETER_STATSD_NAME_ORDER', 'http.route,a b', `"a b" is no name, or there twice; ${ORDER}`],
  ['ROUTEMETER_STATSD_NAME_ORDER', 'a,b,a', `"a" is no name, or there twice; ${ORDER}`],
  ['ROUTEMETER_STATSD_NAME_ORDER', ',', `no names; ${ORDER}`],
  ['ROUTEMETER_STATSD_INTERVAL', '0', `out of range; ${DELAY}`],
  ['ROUTEMETER_STATSD_INTERVAL', '10s', `not an integer; ${DELAY}`],
  ['ROUTEMETER_STATSD_PACKET_SIZE', '299', 'out of range; accepted: an integer from 300 to 65507'],
  ['ROUTEMETER_STATSD_PACKET_SIZE', '65508', 'out of range; accepted: an integer from 300 to 65507'],
  ['ROUTEMETER_STATSD_PACKET_SIZE', '1k', 'not an integer; accepted: an integer from 300 to 65507'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '2147483648', `out of range; ${DELAY}`],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '1.5', `not an integer; ${DELAY}`],
  [
    'ROUTEMETER_BUCKETS',
    '0.1,,1',
    `the list for all durations has "", which is not a finite number; ${BUCKETS}`,
  ],
  ['ROUTEMETER_BUCKETS', '1;2', `the list for all durations is there twice; ${BUCKETS}`],
  [
    'ROUTEMETER_BUCKETS',
    '1,1e999',
    `the list for all durations has Infinity, which is not a finite number; ${BUCKETS}`,
  ],
  ['ROUTEMETER_BUCKETS', upTo(201), `the list for all durations has more than 200 boundaries; ${BUCKETS}`],
  [
    'ROUTEMETER_BUCKETS',
    'a=1,1;a b=1;c=',
    `"a" has 1 after 1; ${BUCKETS}`,
    `"a b" is not the name of an instrument; ${BUCKETS}`,
    `"c" has no boundaries; ${BUCKETS}`,
  ],
  [
    'ROUTEMETER_GAUGES',
    'max,=max,1a=max,a b=max,a=,b=average,c=max=min',
    `"max" has no =; ${GAUGES}`,
    `"=max" has no valid name; ${GAUGES}`,
    `"1a=max" has no valid name; ${GAUGES}`,
    `"a b=max" has no valid name; ${GAUGES}`,
    `"a=" has no aggregation; ${GAUGES}`,
    `"b=average" has an unknown aggregation; ${GAUGES}`,
    `"c=max=min" has an unknown aggregation; ${GAUGES}`,
  ],
  [
    'ROUTEMETER_GAUGES',
    'a=max,*=sum,a=min,*=sum',
    `"a=min" is there twice; ${GAUGES}`,
    `"*=sum" is there twice; ${GAUGES}`,
  ],
  [
    'ROUTEMETER_ATTRIBUTES',
    'url.scheme,-',
    `"url.scheme" starts with neither + nor -; ${ATTRIBUTES}`,
    `"-" names no attribute; ${ATTRIBUTES}`,
  ],
  ['ROUTEMETER_CARDINALITY_LIMIT', '9', 'out of range; accepted: an integer from 10 to 1000000'],
  ['ROUTEMETER_CARDINALITY_LIMIT', '2k', 'not an integer; accepted: an integer from 10 to 1000000'],
  [
    'ROUTEMETER_LABELS',
    'dev,=x,9a=1',
    `"dev" has no =; ${LABELS}`,
    `"=x" has no valid name; ${LABELS}`,
    `"9a=1" has no valid name; ${LABELS}`,
  ],
  ['ROUTEMETER_LABELS', 'a=1,a=2,b=', `"a=2" is there twice; ${LABELS}`, `"b=" has no value; ${LABELS}`],
  [
    'ROUTEMETER_LABELS',
    'le=1,__x=1',
    `"le=1" has a name that Prometheus reserves; ${LABELS}`,
    `"__x=1" has a name that Prometheus reserves; ${LABELS}`,
  ],
  [
    'ROUTEMETER_LABELS',
    'otel.metric.overflow=true,otel_scope_name=x',
    `"otel.metric.overflow=true" has a name that OpenTelemetry reserves; ${LABELS}`,
    `"otel_scope_name=x" has a name that OpenTelemetry reserves; ${LABELS}`,
  ],
  ...OWN_ATTRIBUTES.flatMap((name) =>
    [name, labelName(name), name.toUpperCase(), name.replaceAll('.', '.__')].map(
      (key): [string, string, string] => [
        'ROUTEMETER_LABELS',
        `${key}=x`,
        name.startsWith('otel.')
          ? `"${key}=x" has a name that OpenTelemetry reserves; ${LABELS}`
          : `"${key}=x" has the name of the attribute ${name}; ${LABELS}`,
      ],
    ),
  ),
  [
    'ROUTEMETER_LABELS',
    'a.b=1,a_b=2,a..b=3,c=4',
    `"a_b=2" is the same label as "a.b"; ${LABELS}`,
    `"a..b=3" is the same label as "a.b"; ${LABELS}`,
  ],
  [
    'ROUTEMETER_TAGS',
    'a;b=;1c=x;d=x,x;e=x;e=y;http_route=x;e.f=x;e_f=x;le=1',
    `"a" has no values, or an empty one; ${TAGS}`,
    `"b" has no values, or an empty one; ${TAGS}`,
    `"1c" has no valid name; ${TAGS}`,
    `"d" has a value twice; ${TAGS}`,
    `"e" is there twice; ${TAGS}`,
    `"http_route" has the name of the attribute http.route; ${TAGS}`,
    `"e_f" is the same label as "e.f"; ${TAGS}`,
    `"le" has a name that Prometheus reserves; ${TAGS}`,
  ],
  ['ROUTEMETER_HTTP_CLIENT', 'fetch', BOOLEAN],
  ['ROUTEMETER_CPU', '1', BOOLEAN],
  ['ROUTEMETER_SCOPE_LABELS', 'yes', BOOLEAN],
  ['OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS', ',', `names no method; ${METHODS}`],
  [
    'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS',
    'GET POST,PUT,/x',
    `"GET POST" is not a method; ${METHODS}`,
    `"/x" is not a method; ${METHODS}`,
  ],
  [
    'ROUTEMETER_IGNORE',
    'healthz',
    '"healthz" does not start with /; accepted: paths such as /healthz,/internal/*, or *',
  ],
  ...(
    [
      ['users', 'does not start with /'],
      ['*', 'does not start with /'],
      ['/a?b=1', 'has a query'],
      ['/a/:id?b=1', 'has an optional parameter that is not the whole last segment'],
      ['/a/:id?/b', 'has an optional parameter that is not the whole last segment'],
      ['/a/:id?/', 'has an optional parameter that is not the whole last segment'],
      ['/v:id?', 'has an optional parameter that is not the whole last segment'],
      ['/:a-:b?', 'has an optional parameter that is not the whole last segment'],
      ...Object.entries(OTHER_SPELLINGS).map(([pattern, meant]): [string, string] => [
        pattern,
        `has a bracket, and a parameter is :name${meant === '' ? '' : `: "${meant}"`}`,
      ]),
      ['/a/*id', 'has a * before its end: "/a/*"'],
      ['/a/**', 'has a * before its end: "/a/*"'],
      ['/a/*id*', 'has a * before its end'],
      ['/a#b', 'has a #, which is in no path'],
      ['/a%20b/:id', 'is percent-encoded: "/a b/:id"'],
      ['/a%2Fb', 'is percent-encoded: "/a/b"'],
      ['/a%3Fb', 'is percent-encoded'],
      ['/a%ff', 'is percent-encoded'],
      ['/a/:id(', 'has a parenthesis'],
      [String.raw`/a/:id(^\d+$)`, 'has a parenthesis'],
      ['/a)', 'has a parenthesis'],
      [String.raw`/a/\d+`, 'has a backslash'],
      [String.raw`/a/\:b`, 'has a backslash'],
      ['/a::b', 'has a double colon'],
      ['/:a::', 'has a double colon'],
      ['/*/b', 'has a * before its end'],
      ['/**', 'has a * before its end: "/*"'],
      ['/:a-*', 'has a * in the segment of a parameter'],
      ['/:a*', 'has a * in the segment of a parameter'],
      ['/:', 'has a parameter whose name is not of letters, digits and _'],
      ['/:/a', 'has a parameter whose name is not of letters, digits and _'],
      ['/:-a', 'has a parameter whose name is not of letters, digits and _'],
      ['/:é', 'has a parameter whose name is not of letters, digits and _'],
      ['/:a:b', 'has a parameter whose name is not of letters, digits and _'],
      ['/:a+b', 'has a parameter whose name is not of letters, digits and _'],
    ] as const
  ).map(([pattern, what]): [string, string, string] => [
    'ROUTEMETER_ROUTES',
    pattern,
    `${JSON.stringify(pattern)} ${what}; ${ROUTES}`,
  ]),
  ...(
    [
      ['/c', '/c', 'is there twice'],
      ['/a/:b?', '/a/:b?', 'is there twice'],
      ['/a/:b', '/a/:c', 'clashes with "/a/:b"'],
      ['/:a/x/:b', '/:c/x/:d', 'clashes with "/:a/x/:b"'],
      ['/:a-:b', '/:c-:d', 'clashes with "/:a-:b"'],
      ['/:a/*', '/:b/*', 'clashes with "/:a/*"'],
      ['/a', '/a/:b?', 'clashes with "/a"'],
      ['/a/:b?', '/a', 'clashes with "/a/:b?"'],
      ['/a/:b?', '/a/:c', 'clashes with "/a/:b?"'],
      ['/', '/:a?', 'clashes with "/"'],
    ] as const
  ).map(([first, second, what]): [string, string, string] => [
    'ROUTEMETER_ROUTES',
    `${first},${second}`,
    `"${second}" ${what}; ${ROUTES}`,
  ]),
  ['ROUTEMETER_HTTP_ENGINE', 'fast', `${WORD}: lean, otel`],
  ['ROUTEMETER_STRICT', '1', BOOLEAN],
  ['ROUTEMETER_BUKETS', '1', `no such variable, the closest is ROUTEMETER_BUCKETS; accepted: ${KNOWN}`],
  ['ROUTEMETER_EVERYTHING', 'on', `no such variable; accepted: ${KNOWN}`],
  ['ROUTEMETER_PORT', '80', `no such variable; accepted: ${KNOWN}`],
];

/** The exporter that makes a variable count. */
const chosenFor = (name: string): Env => {
  if (name.startsWith('OTEL_EXPORTER_OTLP_')) return { OTEL_METRICS_EXPORTER: 'otlp' };
  return name.startsWith('ROUTEMETER_STATSD_') ? { OTEL_METRICS_EXPORTER: 'statsd' } : {};
};

describe('a bad value', () => {
  for (const [name, value, ...messages] of BAD) {
    test(`${name}=${value.slice(0, 80)}`, () => {
      const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
      assert.deepEqual(
        problems({ ...chosenFor(name), [name]: value }),
        messages.map((message) => `${name}=${JSON.stringify(shown)}: ${message}`),
      );
    });
  }

  test('is known for every variable that can have one', () => {
    const anything = ['OTEL_SERVICE_NAME', /INSTRUMENTATIONS$/, /HEADERS$/];
    const missing = Object.keys(VARIABLES).filter(
      (name) => !BAD.some(([bad]) => bad === name) && !anything.some((known) => name.match(known)),
    );
    assert.deepEqual(missing, []);
  });
});

describe('a packet holds a line with the prefix and the default dimensions', () => {
  const long = 'x'.repeat(200);
  const cases: readonly [what: string, least: number, env: Env, options?: Options][] = [
    ['neither', 300, {}],
    ['a prefix and its dot', 305, { ROUTEMETER_STATSD_PREFIX: 'shop' }],
    ['dimensions', 306, { ROUTEMETER_LABELS: 'team=x' }],
    ['dimensions from code', 505, {}, { labels: { team: long } }],
    ['both', 511, { ROUTEMETER_LABELS: 'team=x' }, { labels: { team: long } }],
  ];
  for (const [what, least, env, options] of cases) {
    test(what, () => {
      const given = {
        OTEL_METRICS_EXPORTER: 'statsd',
        ROUTEMETER_STATSD_PACKET_SIZE: `${least - 1}`,
        ...env,
      };
      assert.deepEqual(problems(given, options), [
        `ROUTEMETER_STATSD_PACKET_SIZE="${least - 1}": out of range; accepted: an integer from ${least} to 65507`,
      ]);
      const enough = config({ ...given, ROUTEMETER_STATSD_PACKET_SIZE: `${least}` }, options);
      assert.equal(enough.exporters.length, 1);
    });
  }
});

describe('secrets', () => {
  for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS']) {
    const cases: readonly [value: string, what: string][] = [
      ['a=1,s3cret', 'entry 2 has no ='],
      ['s3 cret=1', 'entry 1 has no valid name'],
      ['s3cret=', 'entry 1 has no value'],
      ['a=s3cret%', 'entry 1 has a % that encodes nothing'],
      ['a=s3cret%0A', 'entry 1 has a character that no header may hold'],
    ];
    for (const [value, what] of cases) {
      test(`${name}: ${what}`, () =>
        assert.deepEqual(problems({ OTEL_METRICS_EXPORTER: 'otlp', [name]: value }), [
          `${name}=(not shown): ${what}; ${HEADERS}`,
        ]));
    }
  }

  test('in headers from code', () =>
    assert.deepEqual(problems({}, { exporters: ['otlp'], otlp: { headers: { s3cret: 5, x: 's3\n' } } }), [
      `options.otlp.headers=(not shown): entry 1 is not a text; ${HEADERS}`,
      `options.otlp.headers=(not shown): entry 2 has a character that no header may hold; ${HEADERS}`,
    ]));

  test('under an unknown name', () =>
    assert.deepEqual(problems({}, { otlp: { token: 's3cret' } }), [
      'options.otlp.token=(not shown): no such option; accepted: protocol, url, headers, compression, timeoutMillis, temporality',
    ]));

  test('in an endpoint', () =>
    assert.deepEqual(problems(otlpEnv({ ENDPOINT: 'ftp://user:s3@cret@host' })), [
      `OTEL_EXPORTER_OTLP_ENDPOINT="***@host": ${URL_WANTED}`,
    ]));
});

describe('what is shown of a value', () => {
  const shown = (value: string): string =>
    problems({ ROUTEMETER_STRICT: value }).join().slice('ROUTEMETER_STRICT='.length, -`: ${BOOLEAN}`.length);
  const cases: readonly [value: string, shown: string][] = [
    ['a\nb\tc\r', String.raw`"a\nb\tc"`],
    ['a"b', String.raw`"a\"b"`],
    ['\u001b[31mred', String.raw`"\u001b[31mred"`],
    ['a\u2028b\u202ec\u007f\u0085', String.raw`"a\u2028b\u202ec\u007f\u0085"`],
    ['é✓', '"é✓"'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    ['😀'.repeat(81), `"${'😀'.repeat(80)}…"`],
  ];
  for (const [value, expected] of cases) {
    test(JSON.stringify(value).slice(0, 40), () => assert.equal(shown(value), expected));
  }
});

describe('a value that is not used is not checked', () => {
  const cases: readonly [name: string, env: Env, options?: Options][] = [
    [
      'of OTLP when it is not chosen',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TIMEOUT: 'x' },
    ],
    ['of StatsD when it is not chosen', { ROUTEMETER_STATSD_URL: 'x', ROUTEMETER_STATSD_PACKET_SIZE: '1' }],
    [
      'of Prometheus when it is not chosen',
      { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: 'x', ROUTEMETER_SCOPE_LABELS: 'x' },
    ],
    ['when the code says it', { ROUTEMETER_CARDINALITY_LIMIT: 'x' }, { cardinalityLimit: 50 }],
    ['when the one for metrics wins', otlpEnv({ TIMEOUT: 'x', METRICS_TIMEOUT: '5' })],
  ];
  for (const [name, env, options] of cases) test(name, () => assert.deepEqual(problems(env, options), []));
});

describe('the name of the service', () => {
  const all = { OTEL_SERVICE_NAME: 'variable', OTEL_RESOURCE_ATTRIBUTES: 'service.name=resource' };
  const inCode = { resourceAttributes: { 'service.name': 'code resource' } };
  const cases: readonly [expected: string, env: Env, options?: Options, place?: Partial<ConfigSource>][] = [
    ['code', all, { serviceName: 'code', ...inCode }],
    ['code resource', all, inCode],
    ['variable', all],
    ['resource', { ...all, OTEL_SERVICE_NAME: '' }],
    ['shop', {}],
    ['shop', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=' }],
    ['shop', {}, {}, { entry: '/srv/shop/broken/main.js' }],
    ['app', {}, {}, { entry: '/elsewhere/main.js' }],
    ['app', {}, {}, { entry: undefined }],
    ['unknown_service:node', {}, {}, { entry: undefined, cwd: '/' }],
    ['shop', {}, {}, { entry: undefined, cwd: '/srv/shop/dist' }],
    ['shop', {}, {}, { entry: '/srv/shop' }],
    // A program in node_modules is a tool: the service is where it is used.
    ['shop', {}, {}, { entry: '/srv/shop/node_modules/serve/main.js', cwd: '/srv/shop' }],
    ['app', {}, {}, { entry: '/srv/shop/node_modules/serve/main.js' }],
    ['shop', {}, {}, { entry: '/root/.npm/_npx/1a/node_modules/serve/main.js', cwd: '/srv/shop' }],
    ['shop', {}, {}, { entry: '/usr/lib/node_modules/serve/main.js', cwd: '/srv/shop/dist' }],
    ['site', {}, {}, { entry: '/usr/lib/node_modules/serve/main.js', cwd: '/site' }],
    ['serve', {}, {}, { entry: '/usr/lib/node_modules/serve/main.js', cwd: '/' }],
    [
      'shop',
      {},
      {},
      { entry: '/opt/serve/main.js', link: '/srv/shop/node_modules/.bin/serve', cwd: '/srv/shop' },
    ],
    // A package of the workspace is an app of its own.
    [
      'cart',
      {},
      {},
      { entry: '/srv/apps/cart/main.js', link: '/srv/node_modules/.bin/cart', cwd: '/srv/shop' },
    ],
    ['process', {}, {}, { processName: 'process' }],
    ['variable', all, {}, { processName: 'process' }],
  ];
  for (const [expected, env, options, place] of cases) {
    test(`${expected} from ${JSON.stringify({ env, options, place })}`, () =>
      assert.equal(config(env, options, place).serviceName, expected));
  }
});

describe('options from code', () => {
  const every: Options = {
    strict: true,
    logLevel: 'debug',
    serviceName: 'cart',
    resourceAttributes: { a: '100%' },
    labels: { team: 'a,b' },
    exporters: ['prometheus', 'otlp', 'statsd', 'console'],
    prometheus: { host: '127.0.0.1', port: 0, scopeLabels: true },
    otlp: {
      protocol: 'http/json',
      url: 'https://c/x',
      headers: { Authorization: 'Bearer 1%' },
      compression: 'gzip',
      timeoutMillis: 5,
      temporality: 'delta',
    },
    statsd: {
      url: 'unix:///run/statsd.sock',
      dialect: 'etsy',
      prefix: 'shop',
      packetSize: 8932,
      intervalMillis: 5,
      nameOrder: ['http.route'],
    },
    exportIntervalMillis: 20,
    exportTimeoutMillis: 10,
    buckets: { 'db.*': [1, 2] },
    gauges: { 'queue.*': 'max', '*': 'process' },
    attributes: ['+server.address'],
    cardinalityLimit: 10,
    ignore: ['/healthz'],
    routes: ['/a/:b'],
    httpEngine: 'otel',
    knownMethods: ['GET', 'PURGE'],
    tags: { plan: ['free', 'a,b'] },
    httpClient: true,
    cpu: true,
  };

  test('say the same, and win over the environment', () => {
    const env: Env = {
      OTEL_SERVICE_NAME: 'no',
      OTEL_LOG_LEVEL: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_EXPORTER_PROMETHEUS_PORT: '1',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://no',
      OTEL_METRIC_EXPORT_INTERVAL: '1',
      ROUTEMETER_BUCKETS: '9',
      ROUTEMETER_GAUGES: 'no=min',
      ROUTEMETER_STRICT: 'false',
    };
    assert.deepEqual(config(env, every), {
      ...DEFAULT,
      strict: true,
      logLevel: 'debug',
      serviceName: 'cart',
      resourceAttributes: { a: '100%' },
      labels: { team: 'a,b' },
      exporters: [
        { kind: 'prometheus', host: '127.0.0.1', port: 0, scopeLabels: true },
        {
          ...OTLP,
          endpoint: 'options.otlp.url',
          protocol: 'http/json',
          url: 'https://c/x',
          headers: { authorization: 'Bearer 1%' },
          compression: 'gzip',
          timeoutMillis: 5,
          temporality: 'delta',
        },
        {
          kind: 'statsd',
          address: { transport: 'unix', path: '/run/statsd.sock' },
          dialect: 'etsy',
          prefix: 'shop.',
          packetSize: 8932,
          intervalMillis: 5,
          nameOrder: ['http.route'],
        },
        { kind: 'console' },
      ],
      exportIntervalMillis: 20,
      exportTimeoutMillis: 10,
      buckets: [{ instrument: 'db.*', boundaries: [1, 2] }],
      gauges: [
        { instrument: 'queue.*', aggregation: 'max' },
        { instrument: '*', aggregation: 'process' },
      ],
      attributes: [{ attribute: 'server.address', keep: true }],
      cardinalityLimit: 10,
      ignore: ['/healthz'],
      routes: ['/a/:b'],
      httpEngine: 'otel',
      knownMethods: ['GET', 'PURGE'],
      tags: [{ key: 'plan', values: ['free', 'a,b'] }],
      httpClientEnabled: true,
      fetchEnabled: true,
      cpu: true,
    });
  });

  test('left undefined leave it to the environment', () =>
    assert.equal(config({ OTEL_SERVICE_NAME: 'cart' }, { serviceName: undefined }).serviceName, 'cart'));

  test('join the environment, name by name, in labels, resource attributes and headers', () => {
    const env = {
      ...otlpEnv({ HEADERS: 'a=1,b=1' }),
      OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=1',
      ROUTEMETER_LABELS: 'a=1,b=1',
    };
    const both = { a: '1', b: '2' };
    const { labels, resourceAttributes, exporters } = config(env, {
      labels: { b: '2' },
      resourceAttributes: { b: '2' },
      otlp: { headers: { B: '2' } },
    });
    assert.deepEqual(
      { labels, resourceAttributes, exporters },
      {
        labels: both,
        resourceAttributes: both,
        exporters: [{ ...OTLP, headers: both }],
      },
    );
  });

  test('do not give a label that the environment gives under another name', () =>
    assert.deepEqual(problems({ ROUTEMETER_LABELS: 'a.b=1,c=1' }, { labels: { a_b: '2', c: '2' } }), [
      `options.labels={"a_b":"2","c":"2"}: "a_b" is the same label as "a.b" of ROUTEMETER_LABELS; ${LABELS}`,
    ]));

  test('do not declare a tag that is a label', () =>
    assert.deepEqual(
      problems({ ROUTEMETER_LABELS: 'team=x,a.b=1' }, { tags: { team: ['x'], a_b: ['y'], c: ['z'] } }),
      [
        'options.tags={"team":["x"],"a_b":["y"],"c":["z"]}: "team" is a label of every series already; accepted: names that no label has',
        'options.tags={"team":["x"],"a_b":["y"],"c":["z"]}: "a_b" is the same label as "a.b"; accepted: names that no label has',
      ],
    ));

  test('without exporters mean none', () => assert.deepEqual(config({}, { exporters: [] }).exporters, []));
  test('with plain boundaries mean all durations', () =>
    assert.deepEqual(config({}, { buckets: [1, 2] }).buckets, [{ instrument: '*', boundaries: [1, 2] }]));

  const bad: readonly [options: unknown, ...messages: string[]][] = [
    [null, 'options=null: not an object; accepted: options by name'],
    [{ strict: 'true' }, `options.strict="true": ${BOOLEAN}`],
    [{ logLevel: 3 }, `options.logLevel=3: ${WORD}: none, error, warn, info, debug, verbose, all`],
    [{ serviceName: '' }, 'options.serviceName="": not a text, or empty; accepted: a text that is not empty'],
    [{ resourceAttributes: { a: 1 } }, `options.resourceAttributes={"a":1}: "a" is not a text; ${RESOURCE}`],
    [{ labels: ['a'] }, 'options.labels=["a"]: not an object; accepted: an object of texts'],
    [{ labels: { '': 'x' } }, `options.labels={"":"x"}: "" has no valid name; ${LABELS}`],
    [
      { labels: { 'http.route': 'x', 'a.b': '1', a_b: '2' } },
      `options.labels={"http.route":"x","a.b":"1","a_b":"2"}: "http.route" has the name of the attribute http.route; ${LABELS}`,
      `options.labels={"http.route":"x","a.b":"1","a_b":"2"}: "a_b" is the same label as "a.b"; ${LABELS}`,
    ],
    [{ routes: ['/a/:id('] }, `options.routes=["/a/:id("]: "/a/:id(" has a parenthesis; ${ROUTES}`],
    [{ routes: ['/a,b', ''] }, `options.routes=["/a,b",""]: "" does not start with /; ${ROUTES}`],
    [
      { exporters: 'otlp' },
      `options.exporters="otlp": not a list of texts; accepted: an array such as ['a', 'b']`,
    ],
    [
      { prometheus: { port: '80' } },
      'options.prometheus.port="80": not an integer; accepted: an integer from 0 to 65535',
    ],
    [
      { prometheus: { port: 70000 } },
      'options.prometheus.port=70000: out of range; accepted: an integer from 0 to 65535',
    ],
    [
      { prometheus: { prot: 1 } },
      'options.prometheus.prot=1: no such option, the closest is port; accepted: host, port, scopeLabels',
    ],
    [{ prometheus: 80 }, 'options.prometheus=80: not an object; accepted: an object of options'],
    [{ exporters: ['otlp'], otlp: { url: 'c:4318' } }, `options.otlp.url="c:4318": ${URL_WANTED}`],
    [
      { exporters: ['statsd'], statsd: { url: 8125, nameOrder: ['a', 1] } },
      `options.statsd.url=8125: not a URL; ${STATSD_URL}`,
      `options.statsd.nameOrder=["a",1]: not a list of texts; accepted: an array such as ['a', 'b']`,
    ],
    [
      { exporters: ['statsd'], statsd: { packetSize: 1432.5, prefix: '' } },
      `options.statsd.prefix="": not a prefix of a name; ${PREFIX}`,
      'options.statsd.packetSize=1432.5: not an integer; accepted: an integer from 300 to 65507',
    ],
    [
      { exporters: ['statsd'], statsd: { url: 'ftp://user:s3@cret@host' } },
      `options.statsd.url="***@host": more than an address; ${STATSD_URL}`,
    ],
    [
      { statsd: { interval: 5 } },
      'options.statsd.interval=5: no such option; accepted: url, dialect, prefix, nameOrder, intervalMillis, packetSize',
    ],
    [
      { buckets: [1, '2'] },
      `options.buckets=[1,"2"]: the list for all durations has "2", which is not a finite number; ${BUCKETS}`,
    ],
    [{ buckets: { a: [] } }, `options.buckets={"a":[]}: "a" has no boundaries; ${BUCKETS}`],
    [
      { tags: 'plan=free' },
      "options.tags=\"plan=free\": not an object; accepted: an object of arrays such as { plan: ['free', 'pro'] }",
    ],
    [
      { tags: { plan: 'free', b: [1], c: [''] } },
      `options.tags={"plan":"free","b":[1],"c":[""]}: "plan" has no values, or an empty one; ${TAGS}`,
      `options.tags={"plan":"free","b":[1],"c":[""]}: "b" has no values, or an empty one; ${TAGS}`,
      `options.tags={"plan":"free","b":[1],"c":[""]}: "c" has no values, or an empty one; ${TAGS}`,
    ],
    [{ gauges: ['a=max'] }, 'options.gauges=["a=max"]: not an object; accepted: an object of texts'],
    [
      { gauges: { a: 1, '': 'max', b: 'mean' } },
      `options.gauges={"a":1,"":"max","b":"mean"}: "a" is not a text; ${GAUGES}`,
      `options.gauges={"a":1,"":"max","b":"mean"}: "" has no valid name; ${GAUGES}`,
      `options.gauges={"a":1,"":"max","b":"mean"}: "b" has an unknown aggregation; ${GAUGES}`,
    ],
    [
      { ignore: ['x'] },
      'options.ignore=["x"]: "x" does not start with /; accepted: paths such as /healthz,/internal/*, or *',
    ],
    [{ exportIntervalMillis: Number.NaN }, `options.exportIntervalMillis=NaN: not an integer; ${DELAY}`],
    [
      { port: 1 },
      `options.port=1: no such option; accepted: ${[...new Set(OPTIONS.map((path) => path.split('.')[0]))].join(', ')}`,
    ],
  ];
  for (const [options, ...messages] of bad) {
    test(`rejected: ${JSON.stringify(options)}`, () => assert.deepEqual(problems({}, options), messages));
  }
});

describe('several problems', () => {
  test('are told at once, in the order of the variables', () => {
    const env = Object.fromEntries(BAD.map(([name, value]) => [name, value]));
    const told = problems({ ...env, OTEL_METRICS_EXPORTER: 'prometheus,otlp,statsd' }).map((problem) =>
      problem.slice(0, problem.indexOf('=')),
    );
    const order = Object.keys(VARIABLES);
    const known = [...new Set(told)].filter((name) => order.includes(name));
    assert.deepEqual(
      known,
      order.filter((name) => known.includes(name)),
    );
    assert.ok(known.length > 20, `${known.length} variables`);
    assert.ok(told.lastIndexOf('ROUTEMETER_STRICT') < told.indexOf('ROUTEMETER_BUKETS'));
  });

  test('keep the log level and strictness that were asked for', () => {
    const result = parse({ ROUTEMETER_STRICT: 'true', OTEL_LOG_LEVEL: 'error', ROUTEMETER_IGNORE: 'x' });
    assert.deepEqual(result, {
      ok: false,
      strict: true,
      logLevel: 'error',
      problems: [
        'ROUTEMETER_IGNORE="x": "x" does not start with /; accepted: paths such as /healthz,/internal/*, or *',
      ],
    });
  });

  test('are one message', () => {
    assert.equal(
      formatProblems(['A="1": x; accepted: y', 'B="2": x; accepted: y']),
      'the configuration is invalid, the app runs without metrics:\n  A="1": x; accepted: y\n  B="2": x; accepted: y',
    );
    assert.equal(
      formatProblems(['A="1": x; accepted: y'], true),
      'the configuration is invalid, the process ends, as ROUTEMETER_STRICT asks:\n  A="1": x; accepted: y',
    );
  });
});

describe('any environment at all', () => {
  const names = Object.keys(VARIABLES);
  const good = GOOD.flatMap(([env]) => Object.values(env));
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...good, ...BAD.map(([, bad]) => bad)),
    fc
      .array(fc.constantFrom(',', ';', '=', '%', '/', '*', '+', '-', '1', 'a', '\n', '\u2028'))
      .map((parts) => parts.join('')),
  );
  const env = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...names), value),
      fc.dictionary(
        fc.string({ unit: 'binary' }).map((name) => `ROUTEMETER_${name}`),
        value,
        { maxKeys: 2 },
      ),
      fc.constantFrom({}, { OTEL_METRICS_EXPORTER: 'prometheus,otlp,statsd' }),
    )
    .map((parts): Env => Object.assign({}, ...parts));

  test('never throws, fails with a reason, and says it in one line', () => {
    fc.assert(
      fc.property(env, (given) => {
        const result = parse(given);
        if (result.ok) return;
        assert.notEqual(result.problems.length, 0);
        for (const problem of result.problems) {
          assert.doesNotMatch(problem, /[\n\r\u2028\u2029]/);
          assert.match(problem, /^\S.*=.*: .+; accepted: .+$/u);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what is accepted holds later', () => {
  /** Small enough an alphabet for clashes, and for lists that are accepted. */
  const routePart = fc.constantFrom(
    ...[
      '/',
      '/',
      '/:',
      '/:',
      ':',
      '::',
      '*',
      '?',
      '(',
      ')',
      '-',
      '.',
      '+',
      'a',
      'b',
      'é',
      '%',
      ' ',
      '\ud800',
    ],
  );
  const anyPattern = fc.array(routePart, { maxLength: 7 }).map((parts) => `/${parts.join('')}`);
  const likelyPattern = fc
    .tuple(
      fc.array(fc.constantFrom('/a', '/:a', '/:b', '/:a-:b', '/:b.a', '/a:b', '/'), { maxLength: 3 }),
      fc.constantFrom('', '/', '/*', 'a*', '/:a?', '/:b?'),
    )
    .map(([segments, end]) => `/${[...segments, end].join('').replace(/^\//, '')}`);
  const patterns = fc.array(fc.oneof(anyPattern, likelyPattern), { minLength: 1, maxLength: 4 });
  const url = fc.array(fc.constantFrom('/', 'a', 'b', '-', '.', '%20'), { maxLength: 8 });

  test('by the router: any single pattern has a URL that it fits', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(anyPattern, likelyPattern), (pattern) => {
        if (/\p{Surrogate}/u.test(pattern) || !parse({}, { routes: [pattern] }).ok) return;
        accepted++;
        const path = pattern.replace(/:\w+\??/g, 'x').replace('*', 'y');
        assert.equal(createManualRouter([pattern])(encodeURI(path)), pattern);
      }),
    );
    assert.ok(accepted > 10, `${accepted} patterns accepted`);
  });

  test('by the router, for any patterns', () => {
    let accepted = 0;
    fc.assert(
      fc.property(patterns, url, (routes, parts) => {
        if (!parse({}, { routes }).ok) return;
        accepted++;
        const find = createManualRouter(routes);
        const found = find(`/${parts.join('')}`);
        assert.ok(found === undefined || routes.includes(found));
      }),
      { numRuns: 5000 },
    );
    assert.ok(accepted > 500, `${accepted} lists accepted`);
  });

  test('by Prometheus, for any labels: each has its own name, which no attribute of ours has', () => {
    const part = fc.constantFrom(...'http server port route cpu mode a b . _ . _'.split(' '));
    const key = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    const some = fc.dictionary(key, fc.constant('x'), { maxKeys: 3 });
    const taken = OWN_ATTRIBUTES.map(labelName);
    let accepted = 0;
    fc.assert(
      fc.property(some, some, (inEnvironment, labels) => {
        const text = Object.entries(inEnvironment).map((pair) => pair.join('='));
        const result = parse({ ROUTEMETER_LABELS: text.join() }, { labels });
        if (!result.ok) return;
        accepted++;
        const names = Object.keys(result.config.labels).map(labelName);
        assert.equal(new Set([...names, ...taken]).size, names.length + taken.length);
      }),
      { numRuns: 5000 },
    );
    assert.ok(accepted > 500, `${accepted} of them accepted`);
  });
});

test('only true disables', () => {
  const disabling = ['true', 'TRUE', ' True ', 'false', '1', 'yes', '', undefined].filter((value) =>
    isDisabled({ OTEL_SDK_DISABLED: value }),
  );
  assert.deepEqual(disabling, ['true', 'TRUE', ' True ']);
});

describe('this process', () => {
  const config = pathToFileURL(resolve(import.meta.dirname, '../../src/config/read.ts')).href;
  const print = `import { isDisabled, readConfig } from '${config}';
    const { ok, config, problems } = readConfig({ ignore: ['/x'] });
    console.log(JSON.stringify({ disabled: isDisabled(), ok, problems, name: config?.serviceName,
      port: config?.exporters[0]?.port, ignore: config?.ignore }));`;

  /** What a script prints that is started in a package called linked, through a link from outside of it. */
  function run(env: Env, script = 'main.mjs'): unknown {
    const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
    try {
      mkdirSync(join(folder, 'app'));
      writeFileSync(join(folder, 'app', 'package.json'), '{"name":"linked"}');
      writeFileSync(join(folder, 'app', 'main.mjs'), print);
      symlinkSync(join(folder, 'app', 'main.mjs'), join(folder, 'main.mjs'));
      writeFileSync(join(folder, 'ProcessContainer.mjs'), print);
      const { stdout, stderr } = spawnSync(process.execPath, [join(folder, script)], {
        env: { ...env, pm_exec_path: env.pm2_env === undefined ? '' : join(folder, 'app', 'main.mjs') },
        encoding: 'utf8',
      });
      assert.equal(stderr, '');
      return JSON.parse(stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const expected = { disabled: false, ok: true, name: 'linked', port: 9464, ignore: ['/x'] };

  test('gives its environment and its entry script, links resolved', () => {
    assert.deepEqual(run({ OTEL_EXPORTER_PROMETHEUS_PORT: '80' }), { ...expected, port: 80 });
    assert.deepEqual(run({ OTEL_SDK_DISABLED: 'true' }), { ...expected, disabled: true });
  });

  const pm2: readonly [what: string, env: Env, part: object][] = [
    ['fills in what is missing', { pm2_env: '{"OTEL_EXPORTER_PROMETHEUS_PORT":81,"args":[]}' }, { port: 81 }],
    [
      'replaces what is set, as PM2 itself does a moment later',
      { pm2_env: '{"OTEL_EXPORTER_PROMETHEUS_PORT":"81"}', OTEL_EXPORTER_PROMETHEUS_PORT: '82' },
      { port: 81 },
    ],
    ['can disable', { pm2_env: '{"OTEL_SDK_DISABLED":true}' }, { disabled: true }],
    ['is ignored when it is broken', { pm2_env: '{' }, {}],
    ['is ignored when it is no object', { pm2_env: 'null' }, {}],
  ];
  for (const [what, env, part] of pm2) {
    test(`under PM2, whose JSON ${what}`, () =>
      assert.deepEqual(run(env, 'ProcessContainer.mjs'), { ...expected, ...part }));
  }
});

describe('docs/configuration.md', () => {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (?:`([\w.]+)`)? *\|/gm)];

  test('has a row for every variable, and no other, in the order of the code', () =>
    assert.deepEqual(
      rows.map(([, name]) => name),
      Object.keys(VARIABLES),
    ));
  test('names the option of each', () =>
    assert.deepEqual(
      rows.map(([, , option]) => option),
      Object.values(VARIABLES),
    ));
  test('mentions no variable that does not exist', () => {
    const mentioned = text.match(/\b(?:OTEL|ROUTEMETER)_[A-Z_]*[A-Z]/g) ?? [];
    const known = Object.keys(VARIABLES);
    assert.deepEqual(
      mentioned.filter((name) => !known.includes(name) && name !== 'ROUTEMETER_STATSD'),
      [],
    );
  });
});

test('every variable is read, one that others set, and nothing else', () => {
  const read = new Set<string>();
  const env = new Proxy<Record<string, string>>(
    { OTEL_METRICS_EXPORTER: 'prometheus,otlp,statsd' },
    {
      get(target, name) {
        read.add(String(name));
        return Reflect.get(target, name);
      },
    },
  );
  config(env);
  assert.deepEqual([...read].sort(), [...Object.keys(VARIABLES), 'XDG_RUNTIME_DIR'].sort());
});
