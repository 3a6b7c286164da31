import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from '../../property.ts';
import { type MeasuredRequests, measuredRequests } from './measured.ts';

const TAGS = [
  { key: 'plan', values: ['free', 'pro'] },
  { key: 'region', values: ['eu', 'us'] },
];

/** Runs code in a new request, which then ends. */
function inRequest(work: (measured: MeasuredRequests) => void): MeasuredRequests {
  const measured = measuredRequests({ tags: TAGS });
  const request = measured.request();
  measured.current = request;
  work(measured);
  measured.current = undefined;
  measured.recorder.finish(request, '/users/:id');
  return measured;
}

const ROUTE = { 'http.route': '/users/:id' };

describe('in a request', () => {
  it('nothing is recorded before it is over', () => {
    const { recorded } = inRequest(({ recorder, recorded }) => {
      recorder.count('signup', 1);
      recorder.observe('size', 2, undefined);
      recorder.begin('work')?.end({ failed: false });
      assert.deepEqual(recorded, []);
    });
    assert.deepEqual(recorded, [
      ['signup', 1, ROUTE],
      ['size', 2, ROUTE],
      ['work', 0, ROUTE],
    ]);
  });

  it('tags label what was recorded before and after, the last one of a key', () => {
    const { recorded } = inRequest(({ recorder }) => {
      recorder.count('before', 1);
      recorder.tag('plan', 'free');
      recorder.tag('region', 'eu');
      recorder.tag('plan', 'pro');
      recorder.count('after', 1);
    });
    const attributes = { ...ROUTE, plan: 'pro', region: 'eu' };
    assert.deepEqual(recorded, [
      ['before', 1, attributes],
      ['after', 1, attributes],
    ]);
  });

  it('later measurements are recorded at once, with its route and tags, which no longer change', () => {
    const measured = inRequest(({ recorder }) => recorder.tag('plan', 'pro'));
    const ended = measured.request();
    measured.current = ended;
    measured.recorder.tag('plan', 'pro');
    measured.recorder.finish(ended, '/late');
    measured.recorder.tag('plan', 'free');
    measured.recorder.count('late', 2);
    assert.deepEqual(measured.recorded, [['late', 2, { 'http.route': '/late', plan: 'pro' }]]);
  });

  it('without a route has none in its place, and nothing of it is held on to when it is over', () => {
    const measured = measuredRequests();
    const request = measured.request();
    measured.current = request;
    measured.recorder.count('signup', 1);
    measured.recorder.finish(request, undefined);
    assert.deepEqual(measured.recorded, [['signup', 1, {}]]);
    assert.deepEqual([request.message, request.response, request.held], [undefined, undefined, undefined]);
  });
});

describe('measurements held back by open requests when the process ends', () => {
  it('are recorded with the routes known so far, once', () => {
    const measured = measuredRequests({ routeSoFar: '/so-far' });
    const [open, over] = [measured.request(), measured.request()];
    measured.current = open;
    measured.recorder.count('event', 2);
    measured.current = over;
    measured.recorder.count('event', 1);
    measured.recorder.finish(over, '/over');
    measured.recorder.release();
    measured.recorder.release();
    assert.deepEqual(measured.recorded, [
      ['event', 1, { 'http.route': '/over' }],
      ['event', 2, { 'http.route': '/so-far' }],
    ]);
    measured.current = open;
    measured.recorder.count('event', 3);
    measured.recorder.finish(open, '/known');
    assert.deepEqual(measured.recorded.at(-1), ['event', 3, { 'http.route': '/known' }]);
  });

  for (const order of ['012', '021', '102', '120', '201', '210']) {
    it(`belong to the open ones, when of three ${order} end one after the other`, () => {
      for (let over = 0; over <= 3; over++) {
        const measured = measuredRequests({ routeSoFar: '/open' });
        const requests = [0, 1, 2].map(() => measured.request());
        requests.forEach((request, index) => {
          measured.current = request;
          measured.recorder.count(`of.${index}`, 1);
        });
        const ended = [...order].slice(0, over).map(Number);
        for (const index of ended) {
          const request = requests[index];
          if (request !== undefined) measured.recorder.finish(request, '/over');
        }
        measured.recorder.release();
        assert.deepEqual(
          measured.recorded.map(([name, , attributes]) => `${name} ${attributes['http.route']}`).sort(),
          [0, 1, 2].map((index) => `of.${index} ${ended.includes(index) ? '/over' : '/open'}`),
        );
      }
    });
  }
});

describe('timed work', () => {
  it('is recorded in seconds, with the class of its error', () => {
    const { recorded, created } = inRequest((measured) => {
      const fine = measured.recorder.begin('db.query');
      const failed = measured.recorder.begin('db.query');
      measured.now = 250;
      fine?.end({ failed: false });
      fine?.end({ failed: true, error: 'again' });
      measured.now = 1500;
      failed?.end({ failed: true, error: new RangeError('no') });
    });
    assert.deepEqual(
      created.map(([kind, name, options]) => [kind, name, options?.unit]),
      [['histogram', 'db.query', 's']],
    );
    assert.deepEqual(recorded, [
      ['db.query', 0.25, ROUTE],
      ['db.query', 1.5, { ...ROUTE, 'error.type': 'RangeError' }],
    ]);
  });

  it('belongs to the request in which it began', () => {
    const measured = measuredRequests();
    const [first, second] = [measured.request(), measured.request()];
    measured.current = first;
    const section = measured.recorder.begin('work');
    measured.current = second;
    section?.end({ failed: false });
    measured.recorder.finish(second, '/second');
    assert.deepEqual(measured.recorded, []);
    measured.recorder.finish(first, '/first');
    assert.deepEqual(measured.recorded, [['work', 0, { 'http.route': '/first' }]]);
  });

  it('runs the given function, and lets its errors through', () => {
    const section = measuredRequests().recorder.begin('work');
    const error = new Error('no');
    assert.equal(
      section?.run(() => 1),
      1,
    );
    assert.throws(
      () =>
        section?.run(() => {
          throw error;
        }),
      (thrown) => thrown === error,
    );
  });
});

for (const tracked of [true, false]) {
  it(`outside of a request, tracked: ${tracked}, everything is recorded at once without a route, and tags do nothing`, () => {
    const { recorder, recorded, lines } = measuredRequests({ tags: TAGS, tracked });
    recorder.tag('plan', 'pro');
    recorder.count('job', 1);
    recorder.count('job', 1);
    recorder.observe('size', 2, { unit: 'By' });
    recorder.begin('work')?.end({ failed: true, error: 'text' });
    assert.deepEqual(recorded, [
      ['job', 1, {}],
      ['job', 1, {}],
      ['size', 2, {}],
      ['work', 0, { 'error.type': 'string' }],
    ]);
    assert.deepEqual(lines, []);
  });
}

describe('a request that does not end', () => {
  it('holds back at most 1000: then they are recorded with the route known so far', () => {
    const measured = measuredRequests({ routeSoFar: '/so-far' });
    const request = measured.request();
    measured.current = request;
    for (let i = 0; i < 999; i++) measured.recorder.observe('tick', i, undefined);
    assert.equal(measured.recorded.length, 0);
    measured.recorder.observe('tick', 999, undefined);
    assert.equal(measured.recorded.length, 1000);
    assert.deepEqual(measured.recorded.at(-1), ['tick', 999, { 'http.route': '/so-far' }]);
    for (let i = 1000; i < 10_500; i++) measured.recorder.observe('tick', i, undefined);
    assert.equal(request.held?.length, 500);
    measured.recorder.finish(request, '/known');
    assert.deepEqual(
      measured.recorded.map(([, value]) => value),
      Array.from({ length: 10_500 }, (_, i) => i),
    );
    assert.deepEqual(measured.recorded.at(-1), ['tick', 10_499, { 'http.route': '/known' }]);
  });

  it('holds back one sum of each counter', () => {
    const measured = measuredRequests();
    const request = measured.request();
    measured.current = request;
    for (let i = 0; i < 5000; i++) measured.recorder.count('tick', 1);
    assert.deepEqual([measured.recorded.length, request.held?.length], [0, 1]);
    measured.recorder.finish(request, '/known');
    assert.deepEqual(measured.recorded, [['tick', 5000, { 'http.route': '/known' }]]);
  });
});

describe('however requests are interleaved', () => {
  const REQUESTS = 4;
  const named = (does: string, names: readonly string[], most: number, weight: number) => {
    const name = fc.constantFrom(...names);
    return {
      weight,
      arbitrary: fc.record({ does: fc.constant(does), in: fc.nat(REQUESTS), name, value: fc.nat(most) }),
    };
  };
  const step = fc.oneof(
    named('count', ['a', 'b'], 9, 6),
    named('observe', ['c', 'd'], 9, 4),
    named('tag', ['plan', 'region'], 1, 2),
    named('finish', [''], 0, 1),
  );

  it('everything counted and observed is recorded, each in its own request', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const measured = measuredRequests({ tags: TAGS });
        const requests = Array.from({ length: REQUESTS }, () => measured.request());
        /** Of each request: its tags until it ends; the last place is outside of any. */
        const tags: Record<string, string>[] = Array.from({ length: REQUESTS + 1 }, () => ({}));
        const ended = new Set<number>();
        const expected: [where: number, name: string, value: number][] = [];
        for (const { does, in: where, name, value } of steps) {
          measured.current = requests[where];
          if (does === 'count') measured.recorder.count(name, value);
          if (does === 'observe') measured.recorder.observe(name, value, undefined);
          if (does === 'count' || does === 'observe') expected.push([where, name, value]);
          if (does === 'tag') {
            const text = TAGS.find(({ key }) => key === name)?.values[value] ?? '';
            measured.recorder.tag(name, text);
            if (where < REQUESTS && !ended.has(where)) Object.assign(tags[where] ?? {}, { [name]: text });
          }
          const request = requests[where];
          if (does === 'finish' && request !== undefined) {
            if (!ended.has(where)) measured.recorder.finish(request, `/${where}`);
            ended.add(where);
          }
        }
        requests.forEach((request, where) => {
          if (!ended.has(where)) measured.recorder.finish(request, `/${where}`);
        });
        const sums = (of: readonly (readonly [name: string, value: number, attributes: object])[]) => {
          const found = new Map<string, number>();
          for (const [name, value, attributes] of of) {
            // Of a counter the sum tells, of a histogram each value.
            const counter = name === 'a' || name === 'b';
            const labels = JSON.stringify(Object.entries(attributes).toSorted());
            const key = `${name} ${counter ? '' : value} ${labels}`;
            found.set(key, (found.get(key) ?? 0) + (counter ? value : 1));
          }
          return Object.fromEntries([...found].toSorted());
        };
        assert.deepEqual(
          sums(measured.recorded),
          sums(
            expected.map(([where, name, value]) => [
              name,
              value,
              where === REQUESTS ? {} : { 'http.route': `/${where}`, ...tags[where] },
            ]),
          ),
        );
        assert.deepEqual(measured.lines, []);
      }),
      { numRuns: 300 },
    );
  });
});
