import assert from 'node:assert/strict';
import { it } from 'node:test';
import { errorTypeOf } from '../../../src/instruments/in-request/error-type.ts';

class Teapot extends Error {}
const named = (name: unknown): Error => Object.assign(new Error('no'), { name });
const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('hostile');
    },
  },
);

const cases: [what: string, error: unknown, type: string][] = [
  ['an error', new Error('no'), 'Error'],
  ['a class of Node.js', new TypeError('no'), 'TypeError'],
  ['a class of the app', new Teapot('no'), 'Teapot'],
  ['a name that the app has set', named('NotFound'), 'NotFound'],
  ['an error of the system', Object.assign(new Error('no'), { code: 'ENOENT' }), 'ENOENT'],
  ['a class of the app with a code', Object.assign(new Teapot('no'), { code: 'ENOENT' }), 'Teapot'],
  ['a code that is a number', Object.assign(new Error('no'), { code: 23 }), 'Error'],
  ['a code that is a sentence', Object.assign(new Error('no'), { code: 'No user 42' }), 'Error'],
  ['an aborted signal', AbortSignal.abort().reason, 'AbortError'],
  ['an aggregate', new AggregateError([]), 'AggregateError'],
  ['a text', 'no', 'string'],
  ['a number', 404, 'number'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'object'],
  ['an object', { code: 1 }, 'Object'],
  ['an object without a prototype', Object.create(null), '_OTHER'],
  ['a name that is a sentence', named('User 42 was not found'), '_OTHER'],
  ['a name of more than 64', named('x'.repeat(65)), '_OTHER'],
  ['a name that is no text', named(42), 'Error'],
  ['an object that throws', hostile, '_OTHER'],
];
for (const [what, error, type] of cases) {
  it(`error.type of ${what} is ${type}`, () => assert.equal(errorTypeOf(error), type));
}
