import { HTTP_ENGINES } from '../../../src/config/types.ts';
import { BAD_PATTERNS, GOOD_PATTERNS } from './route-patterns.ts';
import { boolean, choice, type Samples } from './sample.ts';

export const REQUESTS: Samples = {
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: { good: { 'express, http': ['express', 'http'] } },
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: { good: { 'made-up,http': ['made-up', 'http'] } },
  OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: {
    good: { ' GET, PURGE,M-SEARCH ,,get': ['GET', 'PURGE', 'M-SEARCH', 'get'] },
    option: ['GET', 'PURGE', 'M-SEARCH', 'get'],
    bad: {
      ',': 'names no method',
      'GET POST,PUT,/x': ['"GET POST" is not a method', '"/x" is not a method'],
    },
    accepted: 'all methods to count separately, such as GET,HEAD,POST,PURGE',
  },
  ROUTEMETER_IGNORE: {
    good: { '/healthz,/internal/*,*': ['/healthz', '/internal/*', '*'] },
    option: ['/healthz', '/internal/*', '*'],
    bad: { healthz: '"healthz" does not start with /' },
    accepted: 'paths such as /healthz,/internal/*, or *',
    badOptions: [[['x'], '"x" does not start with /']],
  },
  ROUTEMETER_ROUTES: {
    good: Object.fromEntries(GOOD_PATTERNS.map((patterns) => [patterns.join(), patterns])),
    option: GOOD_PATTERNS[0],
    bad: BAD_PATTERNS,
    accepted: 'patterns such as /users/:id,/users/:id/posts/:post?,/files/*',
    badOptions: [
      [['/a/:id('], '"/a/:id(" has a parenthesis'],
      [['/a,b', ''], '"" does not start with /'],
    ],
  },
  ROUTEMETER_HTTP_ENGINE: choice({ OTEL: 'otel' }, 'fast', HTTP_ENGINES.join(', ')),
  ROUTEMETER_HTTP_CLIENT: boolean('fetch'),
  ROUTEMETER_CPU: boolean('1'),
  ROUTEMETER_FIRST_BYTE: boolean('1'),
  ROUTEMETER_BODY_SIZE: boolean('1'),
  ROUTEMETER_QUEUE: boolean('1'),
};
