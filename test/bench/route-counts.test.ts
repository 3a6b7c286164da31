import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byRoute, countedRight, difference, parseCounts, total } from '../../bench/route-counts.ts';

const SENT = { '/users/:id': 3, '/health': 2 };

describe('requests by route', () => {
  it('adds up the paths of a route', () => {
    const routeOf = { '/users/1': '/users/:id', '/users/2': '/users/:id', '/health': '/health' };
    assert.deepEqual(byRoute({ '/users/1': 1, '/users/2': 2, '/health': 2 }, routeOf), SENT);
  });

  it('names a path without a route', () => {
    assert.throws(() => byRoute({ '/users/1': 1 }, {}), {
      message: 'the benchmark does not say which route /users/1 has',
    });
  });

  const COUNTED: readonly (readonly [what: string, counted: Record<string, number>, right: number])[] = [
    ['all', SENT, 5],
    ['too few', { '/users/:id': 3, '/health': 1 }, 4],
    ['one too many of a route', { '/users/:id': 4, '/health': 1 }, 4],
    ['another route', { '/users/#val': 3, '/health': 2 }, 2],
    ['no route', { '': 5 }, 0],
    ['nothing', {}, 0],
  ];
  for (const [what, counted, right] of COUNTED) {
    it(`finds ${right} of 5 counted right: ${what}`, () => assert.equal(countedRight(SENT, counted), right));
  }

  it('says what was sent and what was counted', () => {
    assert.equal(difference(SENT, { '': 5 }), 'sent /users/:id 3, /health 2; counted (no route) 5');
    assert.equal(difference(SENT, {}), 'sent /users/:id 3, /health 2; counted nothing');
  });
});

describe('the counts of a histogram', () => {
  const text = [
    'requests_bucket{http_route="/users/:id",le="1"} 9',
    'requests_count{http_request_method="GET",http_route="/users/:id"} 2',
    'requests_count{http_route="/users/:id",http_request_method="HEAD"} 1',
    'requests_count{http_route="/a\\"}b",x="1"} 4',
    'requests_count{not_http_route="/no"} 5',
    'requests_count 6',
    'other_requests_count{http_route="/other"} 7',
  ].join('\n');

  it('are added up by a label', () => {
    const counts = parseCounts(text, 'requests_count', 'http_route');
    assert.deepEqual(counts, { '/users/:id': 3, '/a\\"}b': 4, '': 11 });
    assert.equal(total(counts), 18);
  });
});
