import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMountSource } from '../../../../src/instruments/routes/express/express4-source.ts';

/** What three versions of path-to-regexp made of a mount path: the declared path, sources, names of the groups. */
const mounts: readonly [string, readonly string[], (string | number)[]?][] = [
  ['/users', ['^\\/users\\/?(?=\\/|$)']],
  [
    '/users/:user',
    ['^\\/users\\/(?:([^\\/]+?))\\/?(?=\\/|$)', '^\\/users(?:\\/([^/]+?))\\/?(?=\\/|$)'],
    ['user'],
  ],
  [
    '/v:version',
    ['^\\/v(?:([^\\/]+?))\\/?(?=\\/|$)', '^\\/v(?:((?:(?!\\/|\\/v).)+?))\\/?(?=\\/|$)'],
    ['version'],
  ],
  [
    '/f/:name.:ext',
    [
      '^\\/f\\/(?:([^\\/]+?))(?:\\.([^\\/\\.]+?))\\/?(?=\\/|$)',
      '^\\/f(?:\\/([^/]+?))(?:\\.([^/\\.]+?))\\/?(?=\\/|$)',
    ],
    ['name', 'ext'],
  ],
  [
    '/c/:id(\\d+)/:word(a|b)',
    ['^\\/c\\/(?:(\\d+))\\/(?:(a|b))\\/?(?=\\/|$)', '^\\/c(?:\\/(\\d+))(?:\\/(a|b))\\/?(?=\\/|$)'],
    ['id', 'word'],
  ],
  ['/o/:lang?', ['^\\/o(?:\\/([^/]+?))?\\/?(?=\\/|$)'], ['lang']],
  ['/deep/:path*', ['^\\/deep(?:\\/([^/]+?)((?:[/].+?)?))\\/?(?=\\/|$)'], ['path', 0]],
  ['/s*r', ['^\\/s(.*)r\\/?(?=\\/|$)'], [0]],
  ['*', ['^(.*)\\/?(?=\\/|$)'], [0]],
  ['/l+/q', ['^\\/l+\\/q\\/?(?=\\/|$)']],
  ['/a.b', ['^\\/a\\.b\\/?(?=\\/|$)']],
  ['/x(foo|bar)', ['^\\/x(foo|bar)\\/?(?=\\/|$)'], [0]],
  ['/x/(foo|bar)/y', ['^\\/x\\/(?:foo|bar)\\/y\\/?(?=\\/|$)']],
];

describe('a mount path read back from what path-to-regexp 0.1 made of it', () => {
  for (const [declared, sources, names = []] of mounts) {
    for (const source of sources) {
      it(`${declared} from ${source}`, () => {
        assert.deepEqual(readMountSource(source, names), [{ pattern: declared, source }]);
      });
    }
  }
});

describe('a list of mount paths', () => {
  const m = '^\\/m(?:\\/([^/]+?))\\/?(?=\\/|$)';
  const n = '^\\/n(?:\\/([^/]+?))(?:\\/([^/]+?))\\/?(?=\\/|$)';
  for (const source of [`${m}|${n}`, `(?:${m}|${n})`]) {
    it(`is split: ${source}`, () => {
      assert.deepEqual(readMountSource(source, ['m', 'n', 'o']), [
        { pattern: '/m/:m', source: m },
        { pattern: '/n/:n/:o', source: n },
      ]);
    });
  }
});

describe('a list of paths and regular expressions', () => {
  it('is split, with the expressions as they are', () => {
    const a = '^\\/a(?:\\/([^/]+?))\\/?(?=\\/|$)';
    const b = '^\\/b(\\d+)';
    const c = '^\\/c(?:\\/([^/]+?))\\/?(?=\\/|$)';
    assert.deepEqual(readMountSource(`${a}|${b}|${c}`, ['a', 0, 'c']), [
      { pattern: '/a/:a', source: a },
      { pattern: b, source: b },
      { pattern: '/c/:c', source: c },
    ]);
  });
});

describe('a regular expression of the app', () => {
  for (const source of ['^\\/v(\\d+)', '\\/a|\\/b', '^\\/[|)]\\/(?<x>\\d+)$', '(a', '[', '\\']) {
    it(`stays as it is: ${source}`, () => {
      assert.deepEqual(readMountSource(source, ['x', 0]), [{ pattern: source, source }]);
    });
  }
});
