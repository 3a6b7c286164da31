import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { added, leastAdded, tableOf, to } from '../../bench/added.ts';
import { atMost } from '../../bench/targets.ts';
import { NOTHING, type Series } from '../../bench/turns.ts';

function series(name: string, samples: number[], rest: Partial<Series> = {}): Series {
  const counted = name === NOTHING ? {} : { counted: async () => 0 };
  return { variant: { name, ...counted }, samples, counts: [], failure: undefined, ...rest };
}

const SERVER = { name: 'node:http', script: '', paths: [], variants: [] };
const ALL = [
  series(NOTHING, [10, 20, 30]),
  series('slower', [14, 24, 34]),
  series('faster', [12, 22, 33]),
  series('ours', [11, 21, 31], { counts: [{ sent: 9, counted: 8, right: undefined }] }),
  series('broken', [], { failure: 'it ended' }),
];

describe('what a variant adds', () => {
  it('is the difference to the same turn, and that of the lower tenths', () => {
    const { median, tenth } = added(ALL, 'faster') ?? assert.fail('not measured');
    assert.deepEqual([median, tenth], [2, 2]);
    assert.equal(added(ALL, 'slower', 'faster')?.median, 2);
  });

  it('is not known beside one that failed', () => {
    assert.equal(added(ALL, 'broken'), undefined);
    assert.equal(added(ALL, 'ours', 'broken'), undefined);
  });

  it('is the least of several, of those that were measured', () => {
    assert.deepEqual(leastAdded(ALL, ['slower', 'faster', 'broken']), { median: 2, tenth: 2 });
    assert.equal(leastAdded(ALL, ['broken']), undefined);
  });
});

describe('the table of a server', () => {
  it('shows both, and the ratios of both to the least of a reference', () => {
    const table = tableOf(SERVER, ALL, { name: 'the faster one', variants: ['slower', 'faster'] });
    assert.deepEqual(table.headers, [
      'variant',
      'CPU µs a request',
      'lower tenth',
      'added',
      'added, lower tenths',
      'of what the faster one adds',
      'the same, lower tenths',
      'requests counted',
    ]);
    assert.deepEqual(table.rows, [
      [NOTHING, '20.0 (15.0 to 25.0)', '12.0', '', '', '', '', ''],
      ['slower', '24.0 (19.0 to 29.0)', '16.0', '+4.0 (+4.0 to +4.0)', '+4.0', '2.00 ×', '2.00 ×', 'all'],
      ['faster', '22.0 (17.0 to 27.5)', '14.0', '+2.0 (+2.0 to +2.5)', '+2.0', '1.00 ×', '1.00 ×', 'all'],
      [
        'ours',
        '21.0 (16.0 to 26.0)',
        '13.0',
        '+1.0 (+1.0 to +1.0)',
        '+1.0',
        '0.50 ×',
        '0.50 ×',
        '**8 of 9**',
      ],
      ['broken', 'not measured: it ended', '', '', '', '', '', ''],
    ]);
  });

  it('has no ratios without a reference, and none to one that failed', () => {
    assert.deepEqual(tableOf(SERVER, ALL).rows[3], [
      ...['ours', '21.0 (16.0 to 26.0)', '13.0', '+1.0 (+1.0 to +1.0)', '+1.0'],
      '**8 of 9**',
    ]);
    assert.deepEqual(tableOf(SERVER, ALL, to('broken')).rows[3]?.slice(4, 7), ['+1.0', '', '']);
  });

  it('has no ratios to what adds nothing', () => {
    const all = [series(NOTHING, [10]), series('free', [9]), series('ours', [11])];
    assert.deepEqual(tableOf(SERVER, all, to('free')).rows[2]?.slice(4, 7), ['+1.0', '', '']);
  });

  it('shows whether requests were counted under their routes, where the server has routes', () => {
    const counts = [{ sent: 9, counted: 9, right: 4 }];
    const table = tableOf(
      { ...SERVER, routes: {} },
      [ALL[0], series('ours', [1], { counts })].filter((one) => one !== undefined),
    );
    assert.equal(table.headers.at(-1), 'by their route');
    assert.deepEqual(
      table.rows.map((row) => row.slice(-2)),
      [
        ['', ''],
        ['all', '**4 of 9**'],
      ],
    );
  });
});

describe('a share of what something else adds', () => {
  const other = { median: 2, tenth: 1 };
  const CASES: readonly (readonly [median: number, tenth: number, reached: boolean])[] = [
    [1, 0.5, true],
    [1, 0.6, false],
    [1.1, 0.5, false],
  ];
  for (const [median, tenth, reached] of CASES) {
    it(`is ${reached ? '' : 'not '}kept by a median of ${median} and a lower tenth of ${tenth}`, () => {
      assert.equal(atMost('', { median, tenth }, 0.5, other, '').reached, reached);
    });
  }

  it('is shown in both', () => {
    assert.deepEqual(atMost('added', { median: 1, tenth: 0.4 }, 0.5, other, 'theirs'), {
      what: 'added',
      limit: '1.00 µs, lower tenth 0.50 (1/2 of theirs)',
      measured: '1.00 µs, lower tenth 0.40',
      reached: true,
    });
  });

  it('is not known where either was not measured', () => {
    assert.equal(atMost('', undefined, 1, other, '').reached, undefined);
    assert.equal(atMost('', other, 1, undefined, '').reached, undefined);
  });
});
