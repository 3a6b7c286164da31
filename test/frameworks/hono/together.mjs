import { getRequestListener, serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { OpenAPIHono } from '@hono/zod-openapi';
import express from 'express';
import { Hono } from 'hono';
import { Hono as Quick } from 'hono/quick';
import { LinearRouter } from 'hono/router/linear-router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { TrieRouter } from 'hono/router/trie-router';
import { Hono as Tiny } from 'hono/tiny';

const ok = (c) => c.text('ok');
const users = (app) => app.get('/users/:id', ok);
const early = (c, next) => (c.req.query('early') === undefined ? next() : c.text('early'));

const inner = users(new Hono())
  .get('/', ok)
  .get('/inside', (c) => inner.request('/users/7', {}, c.env));
const withErrors = new Hono()
  .onError((_error, c) => c.text('failed', 500))
  .use(early)
  .all('/all/:id', ok);

/** By the first segment of the path. */
const apps = {
  tiny: users(new Tiny().basePath('/tiny')).get('/optional/:id?', ok),
  quick: users(new Quick().basePath('/quick')),
  linear: users(new Hono({ router: new LinearRouter() }).basePath('/linear')),
  regexp: users(new Hono({ router: new RegExpRouter() }).basePath('/regexp')),
  trie: users(new Hono({ router: new TrieRouter() }).basePath('/trie')),
  openapi: new OpenAPIHono()
    .basePath('/openapi')
    .openapi({ method: 'get', path: '/users/{id}', responses: {} }, ok),
  mounts: new Hono()
    .use(early)
    .mount('/mounts/one', inner.fetch)
    .mount('/mounts/two', new Hono().mount('/three', inner.fetch).fetch)
    .mount('/mounts/whole', users(new Hono().basePath('/mounts/whole')).fetch, {
      replaceRequest: (request) => request,
    }),
  calls: new Hono()
    .use('/calls/*', async (c, next) => {
      await inner.request('/users/7', {}, c.env);
      await next();
    })
    .get('/calls/itself', (c) => inner.request('/users/7', {}, c.env))
    .get('/calls/others', ok),
  nested: new Hono()
    .get('*', early)
    .get('/nested/optional/:id?', ok)
    .get('/nested/passes/:id', (_c, next) => next())
    .get('/nested/passes/all', ok)
    .get('/nested/files/*', serveStatic({ root: '.' }))
    .on(['GET', 'POST'], '/nested/auth/*', ok)
    .route('/nested/errors', withErrors)
    .all('*', (c) => c.text('none of these', 404)),
};

/** An app may be called in a later turn, and with an environment of its own. */
const later = async (request, env) => {
  const [, name] = new URL(request.url).pathname.split('/');
  await null;
  return apps[name].fetch(request, name === 'quick' ? { own: true } : env);
};

const server = express()
  .get('/express/:id', (_request, response) => response.send('ok'))
  .use('/below/:tenant', (_request, _response, next) => setImmediate(next), getRequestListener(inner.fetch))
  .use(getRequestListener(later))
  .listen(0, '127.0.0.1', () => {
    // Another server of the same process.
    serve({ fetch: apps.tiny.fetch, port: 0, hostname: '127.0.0.1' }, () =>
      console.log(`http://127.0.0.1:${server.address().port}/`),
    );
  });
