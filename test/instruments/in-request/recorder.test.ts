import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from '../../property.ts';
import { type MeasuredRequests, measuredRequests, type Recorded } from './measured.ts';

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

describe('a request', () => {
  it('without a route has none in its place, and nothing of it is held on to when it is over', () => {
    const measured = measuredRequests();
    const request = measured.request();
    measured.current = request;
    measured.recorder.count('signup', 1);
    measured.recorder.finish(request, undefined);
    assert.deepEqual(measured.recorded, [['signup', 1, {}]]);
    assert.deepEqual([request.handled, request.held], [undefined, undefined]);
  });

  it('is recorded with the route known so far when the process ends, and at once from then on', () => {
    const measured = measuredRequests({ routeSoFar: '/so-far' });
    measured.current = measured.request();
    measured.recorder.count('event', 2);
    measured.recorder.release(true);
    measured.recorder.count('event', 3);
    const attributes = { 'http.route': '/so-far' };
    assert.deepEqual(measured.recorded, [
      ['event', 2, attributes],
      ['event', 3, attributes],
    ]);
  });
});

describe('a stream', () => {
  it('is recorded at each collection, with what is known of it by then', () => {
    const measured = measuredRequests({ tags: TAGS, routeSoFar: '/so-far', streamKind: 'websocket' });
    const stream = measured.request();
    measured.current = stream;
    measured.recorder.count('message', 1);
    measured.recorder.count('message', 1);
    assert.deepEqual(measured.recorded, []);
    measured.recorder.releaseStreams();
    measured.recorder.tag('plan', 'pro');
    measured.recorder.count('message', 1);
    measured.recorder.releaseStreams();
    measured.recorder.releaseStreams();
    measured.recorder.count('message', 1);
    measured.recorder.finish(stream, '/known');
    assert.deepEqual(measured.recorded, [
      ['message', 2, { 'http.route': '/so-far' }],
      ['message', 1, { 'http.route': '/so-far', plan: 'pro' }],
      ['message', 1, { 'http.route': '/known', plan: 'pro' }],
    ]);
  });

  it('holds back less than another request', () => {
    const released = (streamKind?: string): number => {
      const measured = measuredRequests({ ...(streamKind !== undefined && { streamKind }) });
      measured.current = measured.request();
      for (let i = 0; i < 250; i++) measured.recorder.observe('size', i, undefined);
      return measured.recorded.length;
    };
    assert.deepEqual([released('websocket'), released()], [200, 0]);
  });

  it('is the only one that a collection does not wait for', () => {
    const measured = measuredRequests();
    measured.current = measured.request();
    measured.recorder.count('message', 1);
    measured.recorder.releaseStreams();
    assert.deepEqual(measured.recorded, []);
  });
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
    named('release', [''], 0, 2),
  );

  it('everything counted and observed is recorded, each in its own request, with the tags that it had then', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const measured = measuredRequests({ tags: TAGS, routeSoFar: '/so-far' });
        /** What is held back by each request, and its tags until it ends; the last place is outside of any. */
        const places = Array.from({ length: REQUESTS + 1 }, (_, where) => ({
          request: where < REQUESTS ? measured.request() : undefined,
          ended: false,
          held: [] as (readonly [name: string, value: number])[],
          tags: {} as Record<string, string>,
        }));
        type Place = (typeof places)[number];
        const expected: Recorded[] = [];
        const settle = ({ request, held, tags }: Place, route: string): void => {
          const attributes = request && { 'http.route': route, ...tags };
          for (const each of held.splice(0)) expected.push([...each, attributes ?? {}]);
        };
        const finish = (place: Place, route: string): void => {
          if (place.request !== undefined && !place.ended) measured.recorder.finish(place.request, route);
          place.ended = true;
        };
        for (const { does, in: where, name, value } of steps) {
          const place = places[where] ?? assert.fail();
          measured.current = place.request;
          if (does === 'count') measured.recorder.count(name, value);
          if (does === 'observe') measured.recorder.observe(name, value, undefined);
          if (does === 'count' || does === 'observe') place.held.push([name, value]);
          if (does === 'tag') {
            const text = TAGS.find(({ key }) => key === name)?.values[value] ?? '';
            measured.recorder.tag(name, text);
            if (!place.ended) place.tags[name] = text;
          }
          if (does === 'finish') finish(place, `/${where}`);
          if (does === 'release') {
            measured.recorder.release();
            for (const each of places) if (!each.ended) settle(each, '/so-far');
          }
        }
        places.forEach((place, where) => {
          finish(place, `/${where}`);
          settle(place, `/${where}`);
        });
        const sums = (of: readonly Recorded[]) => {
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
        assert.deepEqual(sums(measured.recorded), sums(expected));
        assert.deepEqual(measured.lines, []);
      }),
      { numRuns: 500 },
    );
  });
});
