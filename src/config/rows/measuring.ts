import { bucketRules } from '../checks/boundaries.ts';
import { labels } from '../checks/labels.ts';
import { attributeRules, ignored, list, methods } from '../checks/lists.ts';
import { gaugeRules } from '../checks/pairs.ts';
import { routePatterns } from '../checks/route-patterns.ts';
import { tags } from '../checks/tags.ts';
import { choice, flag, integer, milliseconds } from '../checks/values.ts';
import { codes, type Row, type Rows } from '../settings.ts';
import { HTTP_ENGINES, KNOWN_METHODS } from '../types.ts';

/** What is measured, and how. */
export const REQUESTS = {
  /** https://opentelemetry.io/docs/zero-code/js/configuration/#excluding-instrumentation-libraries */
  enabledInstrumentations: {
    variables: ['OTEL_NODE_ENABLED_INSTRUMENTATIONS'],
    check: list,
    fallback: ['http', 'runtime-node', 'undici'],
    default: 'all',
    meaning:
      'What is measured, with commas: `http` for requests, `runtime-node` for [runtime metrics](runtime-metrics.md), `undici` for `fetch` where outgoing requests are measured',
  },
  disabledInstrumentations: {
    variables: ['OTEL_NODE_DISABLED_INSTRUMENTATIONS'],
    check: list,
    fallback: [],
    meaning: 'What is not measured, by the same names',
  },
  knownMethods: {
    variables: ['OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS'],
    option: 'knownMethods',
    check: methods,
    fallback: KNOWN_METHODS,
    meaning:
      'All methods that `http.request.method` tells apart, in the case in which requests have them; any other is `_OTHER`. The list replaces the default',
  },
  ignore: {
    variables: ['ROUTEMETER_IGNORE'],
    option: 'ignore',
    check: ignored,
    fallback: [],
    meaning: '`/healthz,/internal/*`: routes or paths that are not measured',
    details: '; `*` for all',
    readme: true,
  },
  routes: {
    variables: ['ROUTEMETER_ROUTES'],
    option: 'routes',
    check: routePatterns,
    fallback: [],
    meaning: '`/users/:id,/files/*`: patterns for apps that route by hand',
    details: ', [see below](#patterns-of-routes)',
    readme: true,
  },
  httpEngine: {
    variables: ['ROUTEMETER_HTTP_ENGINE'],
    option: 'httpEngine',
    check: choice(HTTP_ENGINES),
    fallback: 'lean',
    meaning: `${codes(HTTP_ENGINES)}: [what measures requests](http-metrics.md#two-engines); \`otel\` is \`@opentelemetry/instrumentation-http\``,
  },
  httpClient: {
    variables: ['ROUTEMETER_HTTP_CLIENT'],
    option: 'httpClient',
    check: flag,
    fallback: false,
    meaning: '`true`: [outgoing requests](http-client.md) are measured too',
    details: ', those of `fetch` unless `undici` is left out by the variables above',
    readme: true,
  },
  cpu: {
    variables: ['ROUTEMETER_CPU'],
    option: 'cpu',
    check: flag,
    fallback: false,
    meaning: '`true`: [how long each request keeps the thread busy](cpu.md) is measured too',
    readme: true,
  },
  firstByte: {
    variables: ['ROUTEMETER_FIRST_BYTE'],
    option: 'firstByte',
    check: flag,
    fallback: false,
    meaning:
      '`true`: [the time to the first byte](http-metrics.md#on-request) of each answer is measured too',
  },
  bodySize: {
    variables: ['ROUTEMETER_BODY_SIZE'],
    option: 'bodySize',
    check: flag,
    fallback: false,
    meaning: '`true`: [the sizes of bodies](http-metrics.md#on-request) are measured too',
  },
  queue: {
    variables: ['ROUTEMETER_QUEUE'],
    option: 'queue',
    check: flag,
    fallback: false,
    meaning:
      '`true`: [how long requests wait](http-metrics.md#waiting) before the app sees them is measured too',
  },
} as const satisfies Rows;

const LABELS = {
  variables: ['ROUTEMETER_LABELS'],
  option: 'labels',
  check: labels,
  fallback: {},
  joined: true,
  meaning: '`environment=dev,team=x`: dimensions of every series',
  details: ', [see below](#labels)',
  readme: true,
} as const satisfies Row;

/** What series there are, and what they look like. */
export const SERIES = {
  buckets: {
    variables: ['ROUTEMETER_BUCKETS'],
    option: 'buckets',
    check: bucketRules,
    fallback: [],
    default: "the semantic conventions'",
    meaning: '`0.01,0.1,0.5,1`: histogram boundaries in seconds; per instrument as well',
    details: ', [see below](#boundaries)',
    readme: true,
  },
  gauges: {
    variables: ['ROUTEMETER_GAUGES'],
    option: 'gauges',
    check: gaugeRules,
    fallback: [],
    default: '[see below](#gauges-of-many-processes)',
    meaning: '`queue.length=max,config.*=newest`: how gauges aggregate over the processes of a group',
  },
  attributes: {
    variables: ['ROUTEMETER_ATTRIBUTES'],
    option: 'attributes',
    check: attributeRules,
    fallback: [],
    default: 'the required ones',
    meaning: '`+server.address,-url.scheme`: attributes to keep or drop',
    details: ', `*` for any text; the last match decides',
    readme: true,
  },
  cardinalityLimit: {
    variables: ['ROUTEMETER_CARDINALITY_LIMIT'],
    option: 'cardinalityLimit',
    check: integer(10, 1_000_000),
    fallback: 2000,
    meaning: 'Series per instrument, for the life of the process unless series end',
    details: ', 10 to 1000000',
    readme: true,
  },
  seriesTtlMillis: {
    variables: ['ROUTEMETER_SERIES_TTL'],
    option: 'seriesTtlMillis',
    check: milliseconds,
    default: 'none: they stay',
    meaning:
      'Milliseconds without a measurement after which [a series ends](http-metrics.md#series-that-end)',
  },
  labels: LABELS,
  tags: {
    variables: ['ROUTEMETER_TAGS'],
    option: 'tags',
    check: (given, settings) => tags(given, Object.keys(settings.get(LABELS))),
    fallback: [],
    meaning:
      '`plan=free,pro;region@x-region=eu,us`: keys that `tag` or a header may set on a request, with the values they may have',
    details: ', [see below](#tags)',
    readme: true,
  },
} as const satisfies Rows;
