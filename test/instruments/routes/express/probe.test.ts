import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import type { Matcher } from '../../../../src/instruments/routes/express/layer.ts';
import { probePattern } from '../../../../src/instruments/routes/express/probe.ts';

const fromExpress = createRequire(createRequire(import.meta.url).resolve('express'));
const { match } = createRequire(fromExpress.resolve('router'))('path-to-regexp') as {
  match: (path: string | string[], options: object) => Matcher;
};

/** The declared path, a path that matches it, and what probing makes of the two. */
const exact: readonly [string, string, string?][] = [
  ['/users', '/users'],
  ['/users/:user', '/users/42'],
  ['/:a/:b', '/x/x'],
  ['/x/:a/x/:b', '/x/x/x/x'],
  ['/v:version', '/vv'],
  ['/:from-:to', '/1-2'],
  ['/users/:user', '/users/%20a%2Fb'],
  ['/users/:user', '/users/%61'],
  ['/users/:user', '/users/routemeter'],
  ['/files/*path', '/files/a/b/c'],
  ['/files/*path/raw', '/files/files/raw/raw'],
  ['/a{/:b}/c', '/a/1/c', '/a/:b/c'],
  ['/a{/:b}/c', '/a/c', '/a/c'],
];

describe('a pattern found by trying what matches', () => {
  for (const [declared, path, pattern = declared] of exact) {
    it(`${declared} from ${path}`, () => {
      assert.deepEqual(probePattern(match(declared, { end: false }), path), { pattern, exact: true });
    });
  }

  it('names only the parameters if a value cannot be found again', () => {
    const matcher = match('/v:version/:id', { end: false });
    assert.deepEqual(probePattern(matcher, '/v%61b/1'), { pattern: '/:version/:id', exact: false });
  });

  it('gives nothing for a regular expression', () => {
    const matcher: Matcher = (path) => ({ path, params: { 0: path.slice(2) } });
    assert.deepEqual(probePattern(matcher, '/v2'), { pattern: '/*', exact: true });
  });
});
