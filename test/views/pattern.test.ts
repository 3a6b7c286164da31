import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matcher } from '../../src/views/pattern.ts';
import fc from '../property.ts';

const CASES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['http.server.*', 'http.server.request.duration', true],
  ['http.server.*', 'http-server.request', false],
  ['HTTP', 'http', false],
  ['(a|b)+', '(a|b)+', true],
  ['a?', 'ab', false],
  ['*\n*', 'x\ny', true],
];

for (const [pattern, text, matches] of CASES) {
  test(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
    assert.equal(matcher(pattern)(text), matches);
  });
}

test('agrees with a regular expression on any pattern and text', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 });
  fc.assert(
    fc.property(short, short, (pattern, text) => {
      const regexp = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 's');
      assert.equal(matcher(pattern)(text), regexp.test(text));
    }),
    { numRuns: 2000 },
  );
});
