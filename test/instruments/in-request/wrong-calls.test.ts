/** What JavaScript may pass in spite of the types: one message for each kind of mistake, and the rest is measured. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recorder } from '../../../src/api/slot.ts';
import { measuredRequests } from './measured.ts';

/** What is neither printed nor turned into text without an error. */
const hostile = {
  toString() {
    throw new Error('hostile');
  },
  toJSON() {
    throw new Error('hostile');
  },
};
const NO_TEXT: [what: string, value: unknown][] = [
  ['a symbol', Symbol('s')],
  ['undefined', undefined],
  ['null', null],
  ['a number', 3],
  ['a bigint', 10n],
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an object that throws', hostile],
  ['a function', () => 1],
];

type Wrong = [what: string, call: (recorder: Recorder) => void, message: RegExp];

const names = [
  ...NO_TEXT,
  ['an empty text', ''],
  ['a text with a blank', 'bound checkout'],
  ['a text that starts with a digit', '1st'],
  ['a text of 256', 'x'.repeat(256)],
  ['a text with a line break', 'a\nb'],
] as const;
const NAME =
  /^routemeter: .* is not measured: a name starts with a letter and has at most 255 characters: .*$/;

const values = [
  ...NO_TEXT.filter(([, value]) => typeof value !== 'number'),
  ['a text', '3'],
  ['NaN', Number.NaN],
  ['a negative number', -1],
  ['infinity', Number.POSITIVE_INFINITY],
  ['what sums would not stay finite with', 1.7e308],
] as const;
const VALUE =
  /^routemeter: "x" is not measured: .* is not a number from 0 to 1e\+100(; use tag\(\) for labels .*)?$/;

const units = [
  ...NO_TEXT.filter(([, value]) => value !== undefined),
  ['a text of 64', 'x'.repeat(64)],
] as const;
const UNIT = /^routemeter: "x" is not measured: its unit must be a string of at most 63 characters$/;

const cases: Wrong[] = [
  ...names.map(([what, name]): Wrong => [`counted under ${what}`, (r) => r.count(name as never, 1), NAME]),
  ...names.map(([what, name]): Wrong => [`timed under ${what}`, (r) => r.begin(name as never), NAME]),
  ...values.map(([what, value]): Wrong => [`a count of ${what}`, (r) => r.count('x', value as never), VALUE]),
  ...values.map(
    ([what, value]): Wrong => [`observed ${what}`, (r) => r.observe('x', value as never, undefined), VALUE],
  ),
  ...units.map(
    ([what, unit]): Wrong => [`a unit that is ${what}`, (r) => r.observe('x', 1, { unit } as never), UNIT],
  ),
  [
    'attributes in place of a number',
    (r) => r.count('x', { plan: 'pro' } as never),
    /^routemeter: "x" is not measured: \{"plan":"pro"\} is not a number from 0 to 1e\+100; use tag\(\) for labels that ROUTEMETER_TAGS declares, or an instrument of @opentelemetry\/api$/,
  ],
  [
    'attributes after a number',
    (r) => r.count('x', 1, { plan: 'pro' }),
    /^routemeter: "x" is measured without \{"plan":"pro"\}: use tag\(\) for labels that ROUTEMETER_TAGS declares, or an instrument of @opentelemetry\/api$/,
  ],
  [
    'attributes in place of options',
    (r) => r.observe('x', 1, { plan: 'pro' } as never),
    /^routemeter: "x" is measured without \{"plan":"pro"\}: use tag\(\) for labels/,
  ],
  [
    'attributes among options',
    (r) => r.observe('x', 1, { unit: 'By', plan: 'pro' } as never),
    /^routemeter: "x" is measured without \{"unit":"By","plan":"pro"\}: use tag\(\) for labels/,
  ],
  [
    'counted under the name of a metric of ours',
    (r) => r.count('routemeter_collect_errors', 1),
    /^routemeter: "routemeter_collect_errors" is not measured: it has a name that is reserved for routemeter's own metrics$/,
  ],
  [
    'observed under the name of a metric of ours, in whatever unit',
    (r) => r.observe('http.server.request', 5, { unit: 'duration' }),
    /^routemeter: "http\.server\.request" is not measured: it has the name of the metric http\.server\.request\.duration$/,
  ],
  [
    'timed under the name of a metric of ours',
    (r) => r.begin('http.server.request.duration')?.end({ failed: false }),
    /^routemeter: "http\.server\.request\.duration" is not measured: it has the name of the metric http\.server\.request\.duration$/,
  ],
  [
    'one name counted and timed',
    (r) => {
      r.count('counted', 1);
      r.begin('counted');
    },
    /^routemeter: "counted" is counted and cannot be timed or observed as well: give it another name$/,
  ],
  [
    'one name observed and counted',
    (r) => {
      r.observe('observed', 1, undefined);
      r.count('observed', 1);
    },
    /^routemeter: "observed" is timed or observed and cannot be counted as well: give it another name$/,
  ],
  [
    'one name in two units',
    (r) => {
      r.observe('sent', 1, { unit: 'By' });
      r.begin('sent');
    },
    /^routemeter: "sent" is in "By" and cannot be in "s" as well: give it another name$/,
  ],
  ...NO_TEXT.map(
    ([what, key]): Wrong => [
      `a tag whose key is ${what}`,
      (r) => r.tag(key as never, 'pro'),
      /^routemeter: the tag .* is not set: ROUTEMETER_TAGS declares plan, region$/,
    ],
  ),
  ...[...NO_TEXT, ['another text', 'gold'] as const].map(
    ([what, value]): Wrong => [
      `a tag whose value is ${what}`,
      (r) => r.tag('plan', value as never),
      /^routemeter: .* is not a declared value of the tag "plan" and counts as _OTHER: ROUTEMETER_TAGS declares free, pro$/,
    ],
  ),
];

describe('a wrong call is logged once, and throws nothing', () => {
  for (const [what, call, message] of cases) {
    it(what, () => {
      const tags = [
        { key: 'plan', values: ['free', 'pro'] },
        { key: 'region', values: ['eu'] },
      ];
      const measured = measuredRequests({ tags });
      const request = measured.request();
      measured.current = request;
      for (let i = 0; i < 3; i++) call(measured.recorder);
      assert.equal(measured.lines.length, 1, measured.lines.join('\n'));
      assert.match(measured.lines[0] ?? '', message);
      measured.recorder.count('right', 1);
      measured.recorder.finish(request, undefined);
      assert.ok(measured.recorded.some(([name, value]) => name === 'right' && value === 1));
    });
  }

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
