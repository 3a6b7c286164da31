import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measuredRequests } from './measured.ts';

type Given = string | null | undefined;

const LONGEST = `/${'x'.repeat(254)}`;
const named: [what: string, given: Given[], named: Given][] = [
  ['nothing, without a call', [], undefined],
  ['the pattern', ['/users/[id]'], '/users/[id]'],
  ['the last one of several', ['/users/[id]', '/posts/[id]'], '/posts/[id]'],
  ['the first one, given again', ['/a', '/b', '/a'], '/a'],
  ['none, by null', ['/users/[id]', null], null],
  ['none, by undefined', ['/users/[id]', undefined], null],
  ['the pattern after none', [null, '/users/[id]'], '/users/[id]'],
  ['what is not a path, such as the name of a procedure', ['user.byId'], 'user.byId'],
  ['a pattern in any alphabet', ['/Benutzer/😀 [id]'], '/Benutzer/😀 [id]'],
  ['the longest pattern', [LONGEST], LONGEST],
  ['the one before a wrong one', ['/users/[id]', ''], '/users/[id]'],
];

describe('a request is named', () => {
  for (const [what, given, expected] of named) {
    it(what, () => {
      const measured = measuredRequests();
      const request = measured.request();
      measured.current = request;
      for (const pattern of given) measured.recorder.route?.(pattern);
      assert.equal(request.named, expected);
    });
  }

  it('only while it is handled', () => {
    const measured = measuredRequests();
    const request = measured.request();
    measured.recorder.route?.('/outside');
    measured.current = request;
    measured.recorder.route?.('/inside');
    measured.recorder.finish(request, '/inside');
    measured.recorder.route?.('/late');
    measured.recorder.count('late', 1);
    assert.equal(request.named, '/inside');
    assert.deepEqual(measured.recorded, [['late', 1, { 'http.route': '/inside' }]]);
    assert.deepEqual(measured.lines, []);
  });
});

it('500 patterns are named in the life of a process, and further ones count as _OTHER', () => {
  const measured = measuredRequests();
  const nameOf = (pattern: string): Given => {
    measured.current = measured.request();
    measured.recorder.route?.(pattern);
    return measured.current.named;
  };
  for (let id = 0; id < 500; id++) assert.equal(nameOf(`/users/${id}`), `/users/${id}`);
  for (let id = 500; id < 520; id++) assert.equal(nameOf(`/users/${id}`), '_OTHER');
  assert.equal(nameOf('/users/7'), '/users/7');
  assert.deepEqual(measured.lines, [
    'routemeter: the app has named 500 routes: "/users/500" and any further ones count as _OTHER; route() takes the pattern, such as /users/[id], not the path of the request',
  ]);
});
