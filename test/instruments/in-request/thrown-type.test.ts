import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createThrownTypes } from '../../../src/instruments/in-request/thrown-type.ts';
import { keptLog } from './measured.ts';

class Teapot extends Error {}
const named = (name: unknown): Error => Object.assign(new Error('no'), { name });
const fail = (): never => {
  throw new Error('hostile');
};
const hostile = new Proxy({}, { get: fail });

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
  ['a text', 'no', 'string'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'object'],
  ['an object', { code: 1 }, 'Object'],
  ['an object without a prototype', Object.create(null), '_OTHER'],
  ['a name of two lines', named('Not\nFound'), 'Not_Found'],
  ['a name of blanks', named('  '), '_OTHER'],
  ['a class whose name is no text', { constructor: { name: 42 } }, '_OTHER'],
  ['a name that is no text', named(42), 'Error'],
  ['an object that throws', hostile, '_OTHER'],
];
for (const [what, error, type] of cases) {
  it(`error.type of ${what} is ${type}`, () => assert.equal(createThrownTypes(keptLog().log)(error), type));
}

describe('the types of the errors that an app throws', () => {
  it('are a hundred for the life of the process, and _OTHER from there on, logged once', () => {
    const { log, lines } = keptLog();
    const errorTypeOf = createThrownTypes(log);
    const typeOf = (id: number): string => errorTypeOf(named(`No user ${id}`));
    const types = Array.from({ length: 100 }, (_, id) => typeOf(id));
    errorTypeOf(hostile);
    assert.deepEqual(lines, []);
    for (let id = 100; id < 1000; id++) types.push(typeOf(id));
    assert.deepEqual(new Set(types).size, 101);
    assert.equal(types[99], 'No user 99');
    assert.equal(types[100], '_OTHER');
    assert.equal(errorTypeOf(named('No user 0')), 'No user 0');
    assert.equal(errorTypeOf(hostile), '_OTHER');
    assert.deepEqual(lines, [
      'routemeter: the app has thrown errors of 100 different names: "No user 100" and any further ones are recorded as error.type _OTHER; the name of an error should not contain ids',
    ]);
  });
});
