/** Two copies of Express in one app: the same version twice, 4 beside 5, the router's versions mixed. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { copyOf, type ExpressLike, measureExpress, ok, wrap } from './copies.ts';

const measured = measureExpress();
const NAMES = ['express', 'express51', 'express4'];

const ASKED: readonly [path: string, route: string | undefined][] = [
  ['/api/users/7', '/api/users/:id'],
  ['/api/tenants/3/leaf', '/api/tenants/:tenant/leaf'],
  ['/direct/9', '/direct/:id'],
  ['/direct/none/9', undefined],
  ['/child/1/leaf/2', '/child/:child/leaf/:id'],
  ['/v1/twice/5', '/v1/twice/:id'],
  ['/v2/twice/5', '/v2/twice/:id'],
  ['/child/1/throws/2', '/child/:child/throws/:id'],
];

describe('routes of two copies, each time,', () => {
  for (const one of NAMES) {
    for (const two of NAMES) {
      it(`are known: ${one} and ${two}`, async () => {
        const [a, b] = [copyOf(one), copyOf(two)];
        const sites = [await measured.serve(build(a, b)), await measured.serve(wrap(build(a, b)))];
        for (const [path, route] of [...ASKED, ...ASKED]) {
          for (const site of sites) assert.equal((await site.ask(path)).route, route, path);
        }
      });
    }
  }
});

describe('a copy', () => {
  it('that only mounts, in a router that is called by a function, is unknown once', async () => {
    const [a, b] = [copyOf('express'), copyOf('express4')];
    const mounting = b.Router().use('/users/:user', a.Router().get('/posts/:post', ok));
    const app = a().use('/api/:version', (req, res, next) => mounting(req, res, next));
    const site = await measured.serve(wrap(app));
    assert.equal((await site.ask('/api/1/users/2/posts/3')).route, undefined);
    assert.equal((await site.ask('/api/1/users/2/posts/3')).route, '/api/:version/users/:user/posts/:post');
  });

  it('that is loaded after routers called by functions were seen is found, though not with its first request', async () => {
    const called = copyOf('express').Router().get('/posts/:post', ok);
    const app = copyOf('express')().use('/users/:user', (req, res, next) => called(req, res, next));
    const site = await measured.serve(wrap(app));
    for (let i = 0; i < 4; i++) await site.ask('/users/1/posts/2');
    const late = copyOf('express4').Router();
    late.use('/shelves/:shelf', (req, res, next) => called(req, res, next));
    app.use('/late/:late', (req, res, next) => late(req, res, next));
    const found: unknown[] = [];
    for (let i = 0; i < 8; i++) found.push((await site.ask('/late/1/shelves/2/posts/3')).route);
    assert.equal(found.at(-1), '/late/:late/shelves/:shelf/posts/:post');
    assert.deepEqual(new Set(found), new Set([undefined, '/late/:late/shelves/:shelf/posts/:post']));
  });
});

describe('a router that is called by a function and answers before a route is entered', () => {
  it('does not have the loaded modules searched for each request', async () => {
    const express = copyOf('express');
    const called = express.Router().get('/users/:id', ok);
    called.param('id', (_req, res) => res.end());
    const site = await measured.serve(wrap(express().use((req, res, next) => called(req, res, next))));
    const loader: { _cache: object } = createRequire(import.meta.url)('node:module');
    const loaded = loader._cache;
    let searches = 0;
    loader._cache = new Proxy(loaded, {
      ownKeys(target) {
        searches++;
        return Reflect.ownKeys(target);
      },
    });
    try {
      for (let i = 0; i < 64; i++) assert.equal((await site.ask('/users/1')).route, '/users/:id');
    } finally {
      loader._cache = loaded;
    }
    assert.ok(searches > 0 && searches < 10, `${searches} searches`);
  });
});

function build(a: ExpressLike, b: ExpressLike): ReturnType<ExpressLike> {
  const child = b();
  child.get('/leaf/:id', ok);
  child.get('/throws/:id', () => {
    throw new Error('thrown');
  });
  const twice = b.Router().get('/twice/:id', ok);
  return a()
    .use('/api', b.Router().use('/users', a.Router().get('/:id', ok)))
    .use('/api/tenants/:any', (_req, _res, next) => next())
    .use('/:anything', (_req, _res, next) => next())
    .use('/api', b.Router().use('/tenants/:tenant', a.Router().get('/leaf', ok)))
    .use('/direct', b.Router().get('/:id', ok))
    .use('/child/:child', child as never)
    .use('/v1', twice)
    .use('/v2', twice);
}
