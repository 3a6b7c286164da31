import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorTypeText } from '../../src/instruments/error-type.ts';
import fc, { character } from '../property.ts';

const cases: readonly (readonly [what: string, text: string, type: string])[] = [
  ['a class', 'TypeError', 'TypeError'],
  ['a class outside of ASCII', 'Größenfehler', 'Größenfehler'],
  ['a sign that needs two code units', '💥Error', '💥Error'],
  ['a sentence', ' No such user ', 'No such user'],
  ['quotes and separators', 'a"b\\c,d|e:f;g=h#i', 'a"b\\c,d|e:f;g=h#i'],
  ['lines', 'No\r\nsuch\u2028user\u0000\u001b[31m', 'No__such_user__[31m'],
  ['half of a pair', 'a\ud800b\udc00', 'a_b_'],
  ['65 characters', 'x'.repeat(65), 'x'.repeat(64)],
  ['64 characters of two code units and one more', `${'💥'.repeat(64)}x`, '💥'.repeat(64)],
  ['one that is cut after a blank', `${'x'.repeat(63)} y`, 'x'.repeat(63)],
  ['nothing', '', '_OTHER'],
  ['blanks', ' \n\t ', '_OTHER'],
];

describe('the text of an error.type', () => {
  for (const [what, text, type] of cases) {
    it(`of ${what} is ${JSON.stringify(type).slice(0, 40)}`, () => assert.equal(errorTypeText(text), type));
  }

  it('is one printable line of at most 64 characters for any text, and idempotent', () =>
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 300 }), (text) => {
        const type = errorTypeText(text);
        assert.match(type, /^[^\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]{1,64}$/u);
        assert.equal(errorTypeText(type), type);
      }),
    ));
});
