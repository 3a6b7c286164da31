import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { it } from 'node:test';
import { type Context, type Routed, routeOf, step } from '../../../../src/instruments/routes/h3/steps.ts';

const response = { statusCode: 200 } as ServerResponse;

it('prefixes that an app makes for each request do not become routes of their own', () => {
  const routes = Array.from({ length: 200 }, (_, tenant) => {
    const request = { originalUrl: `/tenants/${tenant}/users/7` } as Routed;
    const context: { -readonly [Key in keyof Context]: Context[Key] } = {};
    step(request, context, '/users/7');
    context.matchedRoute = { path: '/users/:id' };
    return routeOf(request, response);
  });
  assert.equal(new Set(routes).size, 51);
  assert.equal(routes.at(-1), '/users/:id');
});

it('the place where Express has mounted h3 is not taken for a prefix', () => {
  const request = { originalUrl: '/tenants/7/v1/users/7', baseUrl: '/tenants/7' } as Routed;
  const context: { -readonly [Key in keyof Context]: Context[Key] } = {};
  step(request, context, '/v1/users/7');
  context.matchedRoute = { path: '/v1/users/:id' };
  assert.equal(routeOf(request, response), '/v1/users/:id');
});
