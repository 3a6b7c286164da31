/** What JavaScript may pass in spite of the types: one message for each kind of mistake, and the rest is measured. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recorder } from '../../../src/api/slot.ts';
import { measuredRequests } from './measured.ts';

const fail = (): never => {
  throw new Error('hostile');
};
/** The last one is neither printed nor turned into text without an error. */
const NO_TEXT = [Symbol('s'), null, 10n, {}, Object.create(null), () => 1, { toString: fail, toJSON: fail }];
const NO_NAME = [...NO_TEXT, undefined, 3, '', 'bound checkout', '1st', 'x'.repeat(256), 'a\nb'];
/** Sums would not stay finite with the last one. */
const NO_VALUE = [...NO_TEXT, undefined, '3', Number.NaN, -1, Number.POSITIVE_INFINITY, 1.7e308];

const NAME = /^.* is not measured: a name starts with a letter and has at most 255 characters: .*$/;
const VALUE = /^"x" is not measured: .* is not a number from 0 to 1e\+100(; use tag\(\) for labels .*)?$/;
const UNIT = /^"x" is not measured: its unit must be a string of at most 63 characters$/;
const KEY = /^the tag .* is not set: ROUTEMETER_TAGS declares plan, region$/;
const TAG =
  /^.* is not a declared value of the tag "plan" and counts as _OTHER: ROUTEMETER_TAGS declares free, pro$/;

/** Null and undefined are no mistake: a 404 has no route. */
const NO_ROUTE = [
  ...NO_TEXT.filter((value) => value !== null),
  3,
  '',
  'x'.repeat(256),
  '/a\nb',
  '/\u2028',
  '/\ud800',
];
const ROUTE =
  /^.* names no route: route\(\) takes a pattern of 1 to 255 characters on one line, such as \/users\/\[id\], or null for no route$/;

const wrongValues: readonly (readonly [
  what: string,
  values: readonly unknown[],
  call: (recorder: Recorder, value: never) => void,
  message: RegExp,
])[] = [
  ['a name', NO_NAME, (r, name) => r.count(name, 1), NAME],
  ['the name of a time', NO_NAME, (r, name) => r.begin(name), NAME],
  ['a count', NO_VALUE, (r, value) => r.count('x', value), VALUE],
  ['an observed value', NO_VALUE, (r, value) => r.observe('x', value, undefined), VALUE],
  ['a unit', [...NO_TEXT, 3, 'x'.repeat(64)], (r, unit) => r.observe('x', 1, { unit }), UNIT],
  ['the key of a tag', [...NO_TEXT, undefined, 3], (r, key) => r.tag(key, 'pro'), KEY],
  ['the value of a tag', [...NO_TEXT, undefined, 3, 'gold'], (r, value) => r.tag('plan', value), TAG],
  ['a route', NO_ROUTE, (r, pattern) => r.route?.(pattern), ROUTE],
];

const LABELS = 'use tag() for labels that ROUTEMETER_TAGS declares, or an instrument of @opentelemetry/api';
const plan = { plan: 'pro' } as never;
const sizeAndPlan = { unit: 'By', plan: 'pro' } as never;

/** The message, and the calls that lead to it. */
const wrongCalls: readonly (readonly [message: string, ...calls: ((recorder: Recorder) => unknown)[]])[] = [
  [
    `"x" is not measured: {"plan":"pro"} is not a number from 0 to 1e+100; ${LABELS}`,
    (r) => r.count('x', plan),
  ],
  [`"x" is measured without {"plan":"pro"}: ${LABELS}`, (r) => r.count('x', 1, plan)],
  [`"y" is measured without {"plan":"pro"}: ${LABELS}`, (r) => r.observe('y', 1, plan)],
  [`"x" is measured without {"unit":"By","plan":"pro"}: ${LABELS}`, (r) => r.observe('x', 1, sizeAndPlan)],
  [
    `"routemeter_x" is not measured: it has a name that is reserved for routemeter's own metrics`,
    (r) => r.count('routemeter_x', 1),
  ],
  [
    '"http.server.request" is not measured: it has the name of the metric http.server.request.duration',
    (r) => r.observe('http.server.request', 5, { unit: 'duration' }),
  ],
  [
    '"process.cpu.time" is not measured: it has the name of the metric process.cpu.time',
    (r) => r.begin('process.cpu.time')?.end({ failed: false }),
  ],
  [
    '"x" is counted and cannot be timed or observed as well: give it another name',
    (r) => r.count('x', 1),
    (r) => r.begin('x'),
  ],
  [
    '"x" is timed or observed and cannot be counted as well: give it another name',
    (r) => r.observe('x', 1, undefined),
    (r) => r.count('x', 1),
  ],
  [
    '"x" is in "By" and cannot be in "s" as well: give it another name',
    (r) => r.observe('x', 1, { unit: 'By' }),
    (r) => r.begin('x'),
  ],
];

/** What is logged, once, of calls that are made three times; a right one beside them is recorded. */
function lineOf(calls: readonly ((recorder: Recorder) => unknown)[]): string | undefined {
  const tags = [
    { key: 'plan', values: ['free', 'pro'] },
    { key: 'region', values: ['eu'] },
  ];
  const measured = measuredRequests({ tags });
  const request = measured.request();
  measured.current = request;
  for (let i = 0; i < 3; i++) for (const call of calls) call(measured.recorder);
  assert.equal(measured.lines.length, 1, measured.lines.join('\n'));
  measured.recorder.count('right', 1);
  measured.recorder.finish(request, undefined);
  assert.ok(measured.recorded.some(([name, value]) => name === 'right' && value === 1));
  return measured.lines[0]?.replace(/^routemeter: /, '');
}

describe('a wrong call is logged once, and throws nothing:', () => {
  for (const [what, values, call, message] of wrongValues) {
    it(what, () => {
      for (const value of values) assert.match(lineOf([(r) => call(r, value as never)]) ?? '', message);
    });
  }

  for (const [message, ...calls] of wrongCalls) it(message, () => assert.equal(lineOf(calls), message));

  it('attributes do not affect the number beside them', () => {
    const { recorder, recorded } = measuredRequests();
    recorder.count('sold', 2, { plan: 'pro' });
    recorder.observe('size', 3, { plan: 'pro' } as never);
    for (const more of [undefined, null, 0, 'text', ['a']]) recorder.count('sold', 1, more);
    assert.deepEqual(recorded.slice(0, 2), [
      ['sold', 2, {}],
      ['size', 3, {}],
    ]);
    assert.equal(recorded.length, 7);
  });

  it('each kind of mistake is logged separately', () => {
    const { recorder, lines } = measuredRequests();
    recorder.count('', 1);
    recorder.count('x', -1);
    recorder.observe('x', 1, { unit: 5 } as never);
    recorder.observe('y', 1, { unit: 'By' });
    recorder.observe('y', 1, { unit: 's' });
    recorder.count('y', 1);
    assert.equal(lines.length, 5, lines.join('\n'));
  });
});

describe('a value of an undeclared tag', () => {
  it('counts as _OTHER, and an undeclared key leaves no trace', () => {
    const measured = measuredRequests({ tags: [{ key: 'plan', values: ['free'] }] });
    const request = measured.request();
    measured.current = request;
    measured.recorder.tag('plan', 'gold');
    measured.recorder.tag('color', 'red');
    measured.recorder.count('signup', 1);
    measured.recorder.finish(request, '/x');
    assert.deepEqual(measured.recorded, [['signup', 1, { 'http.route': '/x', plan: '_OTHER' }]]);
  });

  it('without any declaration the message reports that', () => {
    const measured = measuredRequests();
    measured.current = measured.request();
    measured.recorder.tag('plan', 'gold');
    assert.deepEqual(measured.lines, [
      'routemeter: the tag "plan" is not set: ROUTEMETER_TAGS declares no tags',
    ]);
  });
});
