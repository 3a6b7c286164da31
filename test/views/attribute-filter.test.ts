import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttributeFilter } from '../../src/views/attribute-filter.ts';

const rules = (text: string) =>
  text
    .split(',')
    .filter((rule) => rule !== '')
    .map((rule) => ({ attribute: rule.slice(1), keep: rule.startsWith('+') }));

const CASES: readonly (readonly [rules: string, name: string, byDefault: boolean, kept: boolean])[] = [
  ['', 'url.scheme', true, true],
  ['', 'url.scheme', false, false],
  ['-url.scheme', 'url.scheme', true, false],
  ['+server.*', 'server.address', false, true],
  ['-*,+http.route', 'http.route', true, true],
];

for (const [text, name, byDefault, kept] of CASES) {
  test(`"${text}" ${kept ? 'keeps' : 'drops'} ${name}, which is ${byDefault ? 'kept' : 'dropped'} by default`, () => {
    const keep = createAttributeFilter(rules(text), () => byDefault);
    assert.equal(keep(name), kept);
    assert.equal(keep(name), kept, 'asked again');
  });
}

test('decides on each name once, as long as there are few', () => {
  let asked = 0;
  const keep = createAttributeFilter([], () => ++asked > 0);
  for (let i = 0; i < 10; i++) keep('user.id');
  assert.equal(asked, 1);
});

test('decides correctly on more names than it remembers', () => {
  const keep = createAttributeFilter(rules('-*7'), () => true);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 3000; i++) assert.equal(keep(`name${i}`), i % 10 !== 7);
  }
});
