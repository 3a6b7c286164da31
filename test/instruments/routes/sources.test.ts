import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteSource } from '../../../src/instruments/routes/route-source.ts';
import { createSources, type SourceRow, type When } from '../../../src/instruments/routes/sources.ts';

/** The sources of these rows, and what has become of them: loaded, and asked by now. */
function installed(rows: Readonly<Record<string, { when: When; knows?: true }>>) {
  const loaded: string[] = [];
  const found = new Map<string, () => void>();
  const packages = new Map<string, () => void>();
  const names = new Map<RouteSource, string>();
  const sources = createSources(
    Object.entries(rows).map(([name, { when, knows }]): SourceRow => {
      const source: RouteSource = {
        install: (_guard, _patch, _onPackage, there) => void found.set(name, there),
        ...(knows && { knows: () => true }),
        route: () => undefined,
      };
      names.set(source, name);
      return {
        frameworks: [name],
        when,
        load() {
          loaded.push(name);
          return source;
        },
      };
    }),
  );
  sources.install(
    (_place, callback) => callback,
    () => {},
    (name, _when, callback) => packages.set(name, callback),
  );
  return {
    loaded,
    look: sources.look,
    /** The app loads a package, or what it has loaded turns out to be the framework. */
    loads: (name: string) => packages.get(name)?.(),
    finds: (name: string) => found.get(name)?.(),
    asked: () => sources.asked.map((source) => names.get(source)),
  };
}

describe('the sources of routes', () => {
  it('are not loaded nor asked while the app does not use their frameworks', () => {
    const { loaded, asked, look } = installed({
      koa: { when: { loaded: ['koa'] } },
      nitro: { when: () => false },
    });
    look();
    assert.deepEqual([loaded, asked()], [[], []]);
  });

  it('are loaded once, before the app or with any of their packages', () => {
    const { loaded, loads } = installed({
      koa: { when: { loaded: ['koa'], resolved: ['koa-mount'] } },
      fastify: { when: 'preload' },
    });
    assert.deepEqual(loaded, ['fastify']);
    for (const name of ['koa-mount', 'koa']) loads(name);
    assert.deepEqual(loaded, ['fastify', 'koa']);
  });

  it('are loaded when their framework shows itself, once', () => {
    let isThere = false;
    const { loaded, look } = installed({ nitro: { when: () => isThere } });
    for (isThere of [false, true, true]) look();
    assert.deepEqual(loaded, ['nitro']);
  });

  it('are asked from when the framework is found', () => {
    const { asked, loads, finds } = installed({ koa: { when: { loaded: ['koa'] } } });
    loads('koa');
    assert.deepEqual(asked(), []);
    for (let copies = 0; copies < 2; copies++) finds('koa');
    assert.deepEqual(asked(), ['koa']);
  });

  it('are asked from when they are loaded if they cannot tell', () => {
    assert.deepEqual(installed({ express: { when: 'preload', knows: true } }).asked(), ['express']);
  });

  it('are asked in the order of their rows, whichever is found first', () => {
    const { asked, loads, finds } = installed({
      next: { when: { loaded: ['next'] } },
      express: { when: 'preload', knows: true },
      hono: { when: { resolved: ['hono'] } },
    });
    for (const name of ['hono', 'next']) {
      loads(name);
      finds(name);
    }
    assert.deepEqual(asked(), ['next', 'express', 'hono']);
  });
});
