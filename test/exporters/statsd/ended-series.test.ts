import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Piece } from '../../../src/exporters/statsd/packets.ts';
import { binder } from '../../../src/instruments/bound-series.ts';
import { createHttpAdmission } from '../../../src/views/admission/collapsing.ts';
import { endingSeries, TTL } from '../../ending-series.ts';
import fc from '../../property.ts';
import { MemoryReader } from '../../views/memory-reader.ts';
import { differences } from './lines.ts';

const REQUESTS = 'http.server.request.duration';
const STATUS = 'http.response.status_code';

type Step =
  | { readonly do: 'request'; readonly route: number; readonly status: number }
  | { readonly do: 'count'; readonly k: number }
  | { readonly do: 'wait'; readonly millis: number }
  /** @param pieces that are accepted before the rest is held */
  | { readonly do: 'send'; readonly pieces: number }
  | { readonly do: 'scrape' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      route: fc.nat({ max: 7 }),
      status: fc.constantFrom(200, 404, 500),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('count' as const), k: fc.nat({ max: 7 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.constantFrom(TTL / 2, TTL) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      pieces: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 6 })),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'scrape' as const }) },
);

/** By name, how much has been sent of a counter, or how many samples of a timer. */
function add(sums: Map<string, number>, { text }: Piece): void {
  for (const line of text.split('\n')) {
    const [name = '', ...samples] = line.replace(/\|#.*/, '').split(':');
    for (const sample of samples) {
      const [value, type, rate] = sample.split('|');
      const weight = type === 'c' ? Number(value) : 1 / Number(rate?.slice(1) ?? 1);
      sums.set(name, (sums.get(name) ?? 0) + Math.round(weight));
    }
  }
}

/** Without the parts of a name that tell series apart: what the limit collapses is under other names. */
function familyOf(name: string): string {
  if (name.startsWith('ticks')) return 'ticks';
  return /all_routes|errors/.exec(name)?.[0] ?? 'requests';
}

for (const dialect of ['etsy', 'dogstatsd'] as const) {
  test(`${dialect} gets everything once, whatever is held and whichever series end`, async () => {
    mock.timers.enable({ apis: ['Date'], now: 1e12 });
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), async (steps) => {
          const [reader, other] = [new MemoryReader(), new MemoryReader()];
          const { sdk, bounds, app, heldUp } = endingSeries([reader, other]);
          const turn = differences(dialect);
          const counter = app.getMeter('app').createCounter('ticks');
          const bind = binder(sdk.getMeter('own').createHistogram(REQUESTS, { unit: 's' }));
          const requests = createHttpAdmission({
            instrument: REQUESTS,
            attributes: ['http.request.method', 'http.route', STATUS],
            bounds,
            register: (attributes) => ({ attributes, bound: bind(attributes) }),
            end: { forget: ({ bound }, from) => bound.forget(from) },
          });
          const arrived = new Map<string, number>();
          const recorded = new Map<string, number>();
          const record = (...families: readonly string[]): void => {
            for (const family of families) recorded.set(family, (recorded.get(family) ?? 0) + 1);
          };
          const send = async (most: number): Promise<void> => {
            const { resourceMetrics } = await reader.collect();
            let taken = 0;
            heldUp.delete(reader);
            for (const piece of turn(resourceMetrics)) {
              if (taken >= most) {
                heldUp.add(reader);
                return;
              }
              taken += 1;
              add(arrived, piece);
              piece.commit();
            }
          };
          for (const each of steps) {
            switch (each.do) {
              case 'request': {
                const { attributes, bound } = requests.admit(['GET', `/${each.route}`, each.status]);
                bound.record(1);
                // A status that the limit has given up is that of no error.
                const isError = Number(attributes[STATUS]) >= 400;
                record('requests');
                if (dialect === 'etsy') record('all_routes', ...(isError ? ['errors'] : []));
                break;
              }
              case 'count':
                counter.add(1, { k: each.k });
                record('ticks');
                break;
              case 'wait':
                mock.timers.tick(each.millis);
                break;
              case 'send':
                await send(each.pieces);
                break;
              case 'scrape':
                await other.collect();
                break;
            }
          }
          for (const millis of [0, TTL, TTL, TTL]) {
            mock.timers.tick(millis);
            await send(Number.POSITIVE_INFINITY);
            await other.collect();
          }
          const sums = new Map<string, number>();
          for (const [name, sum] of arrived) {
            const family = familyOf(name);
            sums.set(family, (sums.get(family) ?? 0) + sum);
          }
          const byName = ([a]: [string, number], [b]: [string, number]): number => (a < b ? -1 : 1);
          assert.deepEqual([...sums].sort(byName), [...recorded].sort(byName));
        }),
      );
    } finally {
      mock.timers.reset();
    }
  });
}
