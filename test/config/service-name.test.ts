import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigSource, Options } from '../../src/config/types.ts';
import { config, type Env } from './source.ts';

describe('the name of the service', () => {
  const all = { OTEL_SERVICE_NAME: 'variable', OTEL_RESOURCE_ATTRIBUTES: 'service.name=resource' };
  const inCode = { resourceAttributes: { 'service.name': 'code resource' } };
  const settings: readonly (readonly [expected: string, env: Env, options?: Options])[] = [
    ['code', all, { serviceName: 'code', ...inCode }],
    ['code resource', all, inCode],
    ['variable', all, { resourceAttributes: { 'service.name': '' } }],
    ['variable', all],
    ['resource', { ...all, OTEL_SERVICE_NAME: '' }, { resourceAttributes: { 'service.name': '' } }],
    ['shop', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=' }],
  ];
  for (const [expected, env, options] of settings) {
    it(`is ${expected} by ${JSON.stringify({ env, options })}`, () => {
      const { serviceName, resourceAttributes } = config(env, options);
      assert.equal(serviceName, expected);
      assert.deepEqual(resourceAttributes, {});
    });
  }

  const SERVE = 'node_modules/serve/main.js';
  const places: readonly (readonly [expected: string, place: Partial<ConfigSource>])[] = [
    ['shop', { entry: '/srv/shop/broken/main.js' }],
    ['app', { entry: '/elsewhere/main.js' }],
    ['unknown_service:node', { entry: undefined, cwd: '/' }],
    ['shop', { entry: undefined, cwd: '/srv/shop/dist' }],
    ['shop', { entry: '/srv/shop' }],
    // A program in node_modules is a tool: the service is where it is used.
    ['shop', { entry: `/root/.npm/_npx/1a/${SERVE}`, cwd: '/srv/shop' }],
    ['shop', { entry: `/usr/lib/${SERVE}`, cwd: '/srv/shop/dist' }],
    ['site', { entry: `/usr/lib/${SERVE}`, cwd: '/site' }],
    ['serve', { entry: `/usr/lib/${SERVE}`, cwd: '/' }],
    ['shop', { entry: '/opt/serve/main.js', link: '/srv/shop/node_modules/.bin/serve', cwd: '/srv/shop' }],
    // A package of the workspace is an app of its own.
    ['cart', { entry: '/srv/apps/cart/main.js', link: '/srv/node_modules/.bin/cart', cwd: '/srv/shop' }],
    ['process', { processName: 'process' }],
  ];
  for (const [expected, place] of places) {
    it(`is ${expected} in ${JSON.stringify(place)}`, () =>
      assert.equal(config({}, {}, place).serviceName, expected));
  }

  it('in a worker thread is the name of its process only if its own environment has none', () =>
    assert.equal(config(all, {}, { processName: 'process' }).serviceName, 'variable'));
});
