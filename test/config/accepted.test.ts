/** What is accepted is good enough for those who get it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualRouter } from '../../src/instruments/routes/manual.ts';
import { labelName } from '../../src/metric-data/labels.ts';
import fc from '../property.ts';
import { OWN_ATTRIBUTES } from './samples/series.ts';
import { parse } from './source.ts';

/** Runs a property, and makes sure that it has tried enough that was accepted. */
function holds<T>(values: fc.Arbitrary<T>, accepted: (value: T) => boolean, numRuns: number, least: number) {
  let count = 0;
  const property = fc.property(values, (value) => {
    if (accepted(value)) count++;
  });
  fc.assert(property, { numRuns });
  assert.ok(count > least, `${count} accepted`);
}

describe('accepted values work', () => {
  /** An alphabet that is small enough for clashes, and for lists that are accepted. */
  const part = fc.constantFrom(...['/', '/:', '\ud800', ...'//::*?()-.+abé% '].concat('/', '/:', '::'));
  const anyPattern = fc.array(part, { maxLength: 7 }).map((parts) => `/${parts.join('')}`);
  const likelyPattern = fc
    .tuple(
      fc.array(fc.constantFrom('/a', '/:a', '/:b', '/:a-:b', '/:b.a', '/a:b', '/'), { maxLength: 3 }),
      fc.constantFrom('', '/', '/*', 'a*', '/:a?', '/:b?'),
    )
    .map(([segments, end]) => `/${[...segments, end].join('').replace(/^\//, '')}`);
  const pattern = fc.oneof(anyPattern, likelyPattern);
  const path = fc.array(fc.constantFrom('/', 'a', 'b', '-', '.', '%20'), { maxLength: 8 });

  it('in the router: any single pattern matches some URL', () =>
    holds(
      pattern,
      (pattern) => {
        if (/\p{Surrogate}/u.test(pattern) || !parse({}, { routes: [pattern] }).ok) return false;
        const path = pattern.replace(/:\w+\??/g, 'x').replace('*', 'y');
        assert.equal(createManualRouter([pattern])(encodeURI(path)), pattern);
        return true;
      },
      100,
      10,
    ));

  it('in the router, for any patterns', () =>
    holds(
      fc.tuple(fc.array(pattern, { minLength: 1, maxLength: 4 }), path),
      ([routes, parts]) => {
        if (!parse({}, { routes }).ok) return false;
        const found = createManualRouter(routes)(`/${parts.join('')}`);
        assert.ok(found === undefined || routes.includes(found));
        return true;
      },
      5000,
      500,
    ));

  it('in Prometheus, for any labels: each has its own name, different from our attributes', () => {
    const word = fc.constantFrom(...'http server port route cpu mode a b . _ . _'.split(' '));
    const key = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    const some = fc.dictionary(key, fc.constant('x'), { maxKeys: 3 });
    const taken = OWN_ATTRIBUTES.map(labelName);
    holds(
      fc.tuple(some, some),
      ([inEnvironment, labels]) => {
        const text = Object.entries(inEnvironment).map((pair) => pair.join('='));
        const result = parse({ ROUTEMETER_LABELS: text.join() }, { labels });
        if (!result.ok) return false;
        const names = Object.keys(result.config.labels).map(labelName);
        assert.equal(new Set([...names, ...taken]).size, names.length + taken.length);
        return true;
      },
      5000,
      500,
    );
  });
});
