/**
 * What every framework's routes do, by every engine. A framework's test gives a small app with the routes of `Routes`,
 * written as one writes them in that framework, and its exceptions, each with the reason and with what is the case
 * instead; an exception that does not deviate fails.
 */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { RouteSource } from '../../src/instruments/routes/route-source.ts';
import { type Answer, logged, type Measured, measure, type Site } from '../instruments/http/measured.ts';
import { engines } from './engines.ts';

/** The patterns of the app, in the framework's own notation; these are the defaults. */
export const ROUTES = {
  '/': '/',
  '/health': '/health',
  '/users/:id': '/users/:id',
  /** Answers as much as it likes. */
  '/files/*': '/files/*',
  /** Is answered with 401 by what stands before the routes. */
  '/denied/:id': '/denied/:id',
  /** Throws; the app answers with 500. */
  '/throws/:id': '/throws/:id',
  /** The next are declared below a mount at `/tenants/:tenant`. */
  '/tenants/:tenant/items/:item': '/tenants/:tenant/items/:item',
  '/tenants/:tenant/throws/:id': '/tenants/:tenant/throws/:id',
  /** Fails later, as that framework knows it; the app answers with 500. */
  '/tenants/:tenant/rejects/:id': '/tenants/:tenant/rejects/:id',
  /** Both answer when `meet()` is resolved. */
  '/meets/:id': '/meets/:id',
  '/tenants/:tenant/meets/:id': '/tenants/:tenant/meets/:id',
  /** Two paths that are declared as a list. */
  '/dogs/:id': '/dogs/:id',
  '/cats/:id': '/cats/:id',
  /** Declared as a regular expression. */
  '/numbers': '^\\/numbers\\/(\\d+)$',
} as const;
export type Route = keyof typeof ROUTES;

interface Case {
  /** Method and path of each request; they are made at once. */
  readonly ask: readonly string[];
  /** Undefined where frameworks differ. */
  readonly status?: number;
  readonly route: Route | readonly Route[] | 'none';
}

export const CASES = {
  'the root': { ask: ['GET /?next=/health'], status: 200, route: '/' },
  'a static route': { ask: ['GET /health'], status: 200, route: '/health' },
  'a parameter': { ask: ['GET /users/42?from=/health'], status: 200, route: '/users/:id' },
  'a value that is text of the pattern': { ask: ['GET /users/users'], status: 200, route: '/users/:id' },
  'an encoded value': { ask: ['GET /users/%F0%9F%98%80%2Fx'], status: 200, route: '/users/:id' },
  'a mount with a parameter': {
    ask: ['GET /tenants/7/items/9'],
    status: 200,
    route: '/tenants/:tenant/items/:item',
  },
  'a wildcard': { ask: ['GET /files/a/b/c.txt'], status: 200, route: '/files/*' },
  'a path that is not declared': { ask: ['GET /nothing/here'], status: 404, route: 'none' },
  'a path that is not declared below a mount': { ask: ['GET /tenants/7/no'], status: 404, route: 'none' },
  'a path that cannot be decoded': { ask: ['GET /users/%zz'], status: 400, route: 'none' },
  'an answer before the route': { ask: ['GET /denied/42'], status: 401, route: 'none' },
  'a handler that throws': { ask: ['GET /throws/1'], status: 500, route: '/throws/:id' },
  'a handler that throws below a mount': {
    ask: ['GET /tenants/7/throws/1'],
    status: 500,
    route: '/tenants/:tenant/throws/:id',
  },
  'a handler that rejects below a mount': {
    ask: ['GET /tenants/7/rejects/1'],
    status: 500,
    route: '/tenants/:tenant/rejects/:id',
  },
  'the first of a list of paths': { ask: ['GET /dogs/7'], status: 200, route: '/dogs/:id' },
  'the second of a list of paths': { ask: ['GET /cats/7'], status: 200, route: '/cats/:id' },
  'a regular expression': { ask: ['GET /numbers/42'], status: 200, route: '/numbers' },
  HEAD: { ask: ['HEAD /users/42'], status: 200, route: '/users/:id' },
  'OPTIONS that is not declared': { ask: ['OPTIONS /users/42'], route: 'none' },
  'a method that is not declared': { ask: ['POST /users/42'], route: 'none' },
  'two requests at once': {
    ask: ['GET /meets/1', 'GET /tenants/7/meets/2'],
    status: 200,
    route: ['/meets/:id', '/tenants/:tenant/meets/:id'],
  },
} as const satisfies Record<string, Case>;
export type What = keyof typeof CASES;

export interface Exception {
  readonly why: string;
  readonly status?: number;
  /** The name of a pattern, or the pattern itself. */
  readonly route?: Route | 'none' | { readonly pattern: string };
}

/** What a framework declares of itself. */
export interface Declared {
  /** Patterns that are written otherwise. */
  readonly patterns?: { readonly [name in Route]?: string };
  readonly exceptions?: { readonly [what in What]?: Exception };
  /** Cases that the framework has no way to declare, each with the reason. */
  readonly lacks?: { readonly [what in What]?: string };
}

export interface Framework extends Declared {
  readonly name: string;
  readonly source: RouteSource;
  /** @param meet resolves when two requests have called it */
  app(meet: () => Promise<void>): RequestListener | Promise<RequestListener>;
}

/** The cases of the contract that apply, each with its title. */
export function casesOf({ exceptions, lacks }: Declared): (readonly [what: What, title: string])[] {
  return (Object.keys(CASES) as What[])
    .filter((what) => lacks?.[what] === undefined)
    .map((what) => {
      const why = exceptions?.[what]?.why;
      return [what, why === undefined ? what : `${what}: excepted, since ${why}`];
    });
}

/** What the answers to the requests of a case must be. */
export function expectedOf(
  what: What,
  { patterns, exceptions }: Declared,
): readonly { readonly status: number | undefined; readonly route: string | undefined }[] {
  const { status, route }: Pick<Exception, 'status'> & { route: Case['route'] | Exception['route'] } = {
    ...(CASES[what] as Case),
    ...exceptions?.[what],
  };
  return [route].flat().map((name) => {
    if (typeof name === 'object') return { status, route: name.pattern };
    if (name === 'none' || name === undefined) return { status, route: undefined };
    return { status, route: patterns?.[name as Route] ?? ROUTES[name as Route] };
  });
}

/** Fails unless the answers are those of the contract, or those of a real exception to it. */
export function judge(
  what: What,
  answers: readonly Pick<Answer, 'status' | 'route'>[],
  declared: Declared,
): void {
  const exception = declared.exceptions?.[what];
  const expected = expectedOf(what, declared);
  if (exception !== undefined) {
    const rule = expectedOf(what, declared.patterns === undefined ? {} : { patterns: declared.patterns });
    assert.notDeepEqual(
      expected,
      rule,
      `"${what}" is no exception, though it is declared as one: ${exception.why}`,
    );
  }
  assert.deepEqual(
    answers.map(({ status, route }) => ({ status, route })),
    expected.map(({ status, route }, i) => ({ status: status ?? answers[i]?.status, route })),
  );
}

/** Takes an app of the framework through every case, by every engine. */
export function describeRoutes({ name, source, app, ...declared }: Framework): void {
  for (const [engine, start] of engines) {
    describe(`routes of ${name}, by the ${engine} engine`, () => {
      let measured: Measured;
      let site: Site;
      before(async () => {
        measured = measure(start, { sources: [source] });
        site = await measured.serve(await app(meeting()));
      });
      after(() => measured[Symbol.asyncDispose]());

      for (const [what, title] of casesOf(declared)) {
        it(title, async () => {
          const answers = CASES[what].ask.map((line) => {
            const [method, path = ''] = line.split(' ');
            return site.ask(path, method);
          });
          judge(what, await Promise.all(answers), declared);
        });
      }

      it('nothing fails internally, nor stays active', () => {
        assert.deepEqual(logged, []);
        assert.equal(measured.active(), 0);
      });
    });
  }
}

/** Two wait for one another. */
function meeting(): () => Promise<void> {
  let first: (() => void) | undefined;
  return () => {
    const arrived = first;
    first = undefined;
    if (arrived !== undefined) return Promise.resolve(arrived());
    return new Promise((resolve) => {
      first = resolve;
    });
  };
}
