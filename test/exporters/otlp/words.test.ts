import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQuote } from '../../../src/exporters/otlp/words.ts';

test('foreign text becomes one line of at most 200 characters', () => {
  const quote = createQuote([]);
  assert.equal(quote(' a\r\n\tb\u0000c\u2028d\u001b[31m '), 'a b c d [31m');
  assert.equal(quote('x'.repeat(201)), `${'x'.repeat(200)}…`);
  assert.equal(quote('😀'.repeat(200)), '😀'.repeat(200));
});

const basic = `Basic ${Buffer.from('user:open sesame').toString('base64')}`;
const SECRETS: readonly [secrets: string[], text: string, shown: string][] = [
  [['Bearer abcdef123456'], 'Bearer abcdef123456 is unknown', '*** is unknown'],
  [['Bearer abcdef123456'], 'the token abcdef123456x is unknown', 'the token ***x is unknown'],
  [['Bearer abcdef123456'], 'a Bearer is needed', 'a Bearer is needed'],
  [[basic], 'no user:open sesame here', 'no *** here'],
  [[basic], 'wrong password "open sesame"', 'wrong password "***"'],
  [['a b&c=d'], 'see ?key=a%20b%26c%3Dd', 'see ?key=***'],
  [['s$(.*)+[x]'], 'it is s$(.*)+[x]!', 'it is ***!'],
  [['a'], 'a tenant a has an-a-b', '*** tenant *** has an-a-b'],
  [['key-1', 'key-1-and-more'], 'key-1-and-more', '***'],
  [['', ' '], 'nothing to hide', 'nothing to hide'],
  [['\ud800'], 'nothing to hide', 'nothing to hide'],
];
for (const [secrets, text, shown] of SECRETS) {
  test(`${JSON.stringify(text)} with the secrets ${JSON.stringify(secrets)}`, () => {
    assert.equal(createQuote(secrets)(text), shown);
  });
}

test('a secret is not shown in part if the text is cut there', () => {
  const secret = 'secret'.repeat(10);
  assert.equal(createQuote([secret])(`${'x'.repeat(190)}${secret}`), `${'x'.repeat(190)}***`);
});
