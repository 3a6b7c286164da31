import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparison } from '../../bench/against.ts';
import { commitOf } from '../../bench/base.ts';
import { markdown } from '../../bench/report.ts';

describe('a branch compared with its base', () => {
  it('shows the lower tenth, the median and the ratio of each line', () => {
    const table = comparison('requests', [
      { what: 'node:http', branch: [12, 11, 13], base: [10, 11, 10] },
      { what: 'Express 5', branch: [20], base: [40] },
    ]);
    assert.deepEqual(table.rows, [
      ['node:http', '11.2', '10.0', '1.12', '12.0', '10.0', '1.20'],
      ['Express 5', '20.0', '40.0', '0.50', '20.0', '40.0', '0.50'],
    ]);
    assert.ok(table.rows.every((row) => row.length === table.headers.length));
  });

  it('has no table of targets', () => {
    const report = { name: 'requests', tables: [comparison('requests', [])], targets: [], notes: [] };
    assert.doesNotMatch(markdown(report), /Targets/);
  });

  it('names a ref that is not in the repository', () => {
    for (const ref of ['no-such-branch', '-x', '']) {
      assert.throws(() => commitOf(ref), {
        message: `--against ${ref}: there is no such branch, tag or commit in this repository`,
      });
    }
  });
});
