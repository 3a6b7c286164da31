import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Layer } from '../../../../src/instruments/routes/express/layer.ts';
import { stackOf } from '../../../../src/instruments/routes/express/layer.ts';
import { mountPatternOf } from '../../../../src/instruments/routes/express/mount-pattern.ts';
import { matchedPatternOf } from '../../../../src/instruments/routes/express/route-pattern.ts';
import { loadExpress, ok } from './copies.ts';

/** The mount paths, the text taken off a path, and the alternative that takes all of it. */
const matches: readonly [(string | RegExp)[], string, string | undefined][] = [
  [['/:x', '/:x/:y'], '/a/b', '/:x/:y'],
  [['/:x', '/:x/:y'], '/a', '/:x'],
  [['/:x', '/:x/:y'], '/a/b/c', undefined],
  [['/:x', '/:x/:y'], '', undefined],
  [['/:x', '/lit/:y/'], '/lit/%2F', '/lit/:y'],
  [['/:x'], '/%zz', '/:x'],
];

for (const name of ['express', 'express4']) {
  describe(`${name}: a mount`, () => {
    for (const [paths, text, pattern] of matches) {
      // Express 4 matches before it decodes, router 2 while it matches.
      const expected = text.includes('%zz') && name === 'express' ? undefined : pattern;
      it(`at ${paths.join(' and ')} takes "${text}" as ${expected}`, () => {
        assert.equal(mountPatternOf(mountLayer(name, paths)).match(text), expected);
      });
    }

    it('spans a known number of segments only when nothing in it varies', () => {
      const fixed = (path: string | string[] | RegExp) => mountPatternOf(mountLayer(name, path)).fixed;
      assert.deepEqual(fixed('/a/:b/c.d/'), { pattern: '/a/:b/c.d', segments: 3 });
      assert.equal(fixed(['/a', '/b']), undefined);
      assert.equal(fixed(/^\/a/), undefined);
    });
  });

  describe(`${name}: a regular expression that remembers its last match`, () => {
    it('is not advanced', () => {
      const expression = /^\/a\/\d+/g;
      const mounted = mountPatternOf(mountLayer(name, expression));
      const route = routeLayer(name, [expression, '/b']);
      for (let i = 0; i < 3; i++) {
        assert.equal(mounted.match('/a/1'), expression.source);
        assert.equal(matchedPatternOf(route, '/b'), '/b');
        if (name === 'express') assert.equal(matchedPatternOf(route, '/a/1'), expression.source);
      }
      assert.equal(expression.lastIndex, 0);
    });
  });

  describe(`${name}: a list of paths of a route`, () => {
    it('is joined if it is not known which one matched', () => {
      assert.equal(matchedPatternOf(routeLayer(name, ['/a/:id', '/b']), '/c'), '/a/:id|/b');
    });
  });
}

function mountLayer(name: string, path: string | RegExp | (string | RegExp)[]): Layer {
  return lastLayer(loadExpress(name)().use(path, ok));
}

function routeLayer(name: string, path: (string | RegExp)[]): Layer {
  return lastLayer(loadExpress(name)().get(path, ok));
}

function lastLayer(app: unknown): Layer {
  const layer = stackOf(app)?.at(-1);
  assert.ok(layer);
  return layer;
}
