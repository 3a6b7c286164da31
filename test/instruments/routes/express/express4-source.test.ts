import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMountSource } from '../../../../src/instruments/routes/express/express4-source.ts';

const { raw } = String;
/** How path-to-regexp ends the source of a mount. */
const END = raw`\/?(?=\/|$)`;

/** What three versions of path-to-regexp made of a mount path: the declared path, a source, names of the groups. */
const mounts: readonly [declared: string, source: string, names?: (string | number)[]][] = [
  ['/users/:user', raw`^\/users\/(?:([^\/]+?))`, ['user']],
  ['/users/:user', raw`^\/users(?:\/([^/]+?))`, ['user']],
  ['/v:version', raw`^\/v(?:([^\/]+?))`, ['version']],
  ['/v:version', raw`^\/v(?:((?:(?!\/|\/v).)+?))`, ['version']],
  ['/f/:name.:ext', raw`^\/f\/(?:([^\/]+?))(?:\.([^\/\.]+?))`, ['name', 'ext']],
  ['/f/:name.:ext', raw`^\/f(?:\/([^/]+?))(?:\.([^/\.]+?))`, ['name', 'ext']],
  [raw`/c/:id(\d+)/:word(a|b)`, raw`^\/c\/(?:(\d+))\/(?:(a|b))`, ['id', 'word']],
  [raw`/c/:id(\d+)/:word(a|b)`, raw`^\/c(?:\/(\d+))(?:\/(a|b))`, ['id', 'word']],
  ['/o/:lang?', raw`^\/o(?:\/([^/]+?))?`, ['lang']],
  ['/deep/:path*', raw`^\/deep(?:\/([^/]+?)((?:[/].+?)?))`, ['path', 0]],
  ['/s*r', raw`^\/s(.*)r`, [0]],
  ['*', '^(.*)', [0]],
  ['/l+/q', raw`^\/l+\/q`],
  ['/a.b', raw`^\/a\.b`],
  ['/x(foo|bar)', raw`^\/x(foo|bar)`, [0]],
  ['/x/(foo|bar)/y', raw`^\/x\/(?:foo|bar)\/y`],
];

describe('a mount path read back from what path-to-regexp 0.1 made of it', () => {
  for (const [pattern, start, names = []] of mounts) {
    const source = start + END;
    it(`${pattern} from ${source}`, () =>
      assert.deepEqual(readMountSource(source, names), [{ pattern, source }]));
  }
});

describe('a list of paths and regular expressions is split, with the expressions as they are', () => {
  const m = raw`^\/m(?:\/([^/]+?))${END}`;
  const n = raw`^\/n(?:\/([^/]+?))(?:\/([^/]+?))${END}`;
  const b = raw`^\/b(\d+)`;
  for (const source of [`${m}|${b}|${n}`, `(?:${m}|${b}|${n})`]) {
    it(source, () => {
      assert.deepEqual(readMountSource(source, ['m', 0, 'n', 'o']), [
        { pattern: '/m/:m', source: m },
        { pattern: b, source: b },
        { pattern: '/n/:n/:o', source: n },
      ]);
    });
  }
});

describe('a regular expression of the app stays as it is', () => {
  for (const source of [raw`^\/v(\d+)`, raw`\/a|\/b`, raw`^\/[|)]\/(?<x>\d+)$`, '(a', '[', '\\']) {
    it(source, () => assert.deepEqual(readMountSource(source, ['x', 0]), [{ pattern: source, source }]));
  }
});
