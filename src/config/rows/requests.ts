import { ignored, list } from '../checks/lists.ts';
import { KNOWN_METHODS, methods } from '../checks/methods.ts';
import { routePatterns } from '../checks/route-patterns.ts';
import { choice, flag } from '../checks/values.ts';
import { codes, type Rows } from '../settings.ts';
import { HTTP_ENGINES } from '../types.ts';

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
} as const satisfies Rows;
