import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { restifyRoutes } from '../../../src/instruments/routes/restify.ts';

/** The route of a request on which a framework has left this. */
function routeOf(left: unknown): string | undefined {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { route: left });
  return restifyRoutes.route(request, new ServerResponse(request), '/users/42');
}

describe('the route that Restify leaves on the request', () => {
  const chain = {};
  for (const [what, left, route] of [
    ['is its path', { path: '/users/:id', spec: { method: 'GET' }, chain }, '/users/:id'],
    [
      'is none for a wildcard that answers preflights',
      { path: '*', spec: { method: 'OPTIONS' }, chain },
      undefined,
    ],
    ['is a wildcard that answers other requests', { path: '/*', spec: { method: 'GET' }, chain }, '/*'],
    ['is not that of Express', { path: '/users/:id', stack: [], methods: { get: true } }, undefined],
    ['is none where nothing was left', undefined, undefined],
  ] as const) {
    it(what, () => assert.equal(routeOf(left), route));
  }
});
