import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { minorsOf, withVersion } from '../../scripts/versions/minors.ts';
import type { Framework } from '../frameworks/framework.ts';

const two = { packages: { koa: '2.1.0', '@koa/router': '8.0.0' } };
const three = { packages: { koa: '3.0.1', '@koa/router': '14.0.0' } };
const KOA: Framework = { name: 'Koa', folder: 'koa', found: 'module', versions: [two, three] };

describe('the minor versions of a framework', () => {
  const cases: readonly (readonly [what: string, published: readonly string[], tried: readonly string[]])[] =
    [
      ['are tried in their newest patch', ['2.1.0', '2.1.2', '2.1.10', '2.2.0'], ['2.1.10', '2.2.0']],
      ['are in the order of numbers', ['2.10.0', '2.9.0', '3.0.0'], ['2.9.0', '2.10.0', '3.0.0']],
      [
        'are those from the lowest row to the newest',
        ['1.9.0', '2.0.9', '2.1.0', '3.0.1', '3.0.2'],
        ['2.1.0', '3.0.1'],
      ],
      ['are those that have been released', ['2.1.0', '2.2.0-beta.1', '3.0.0-rc.1'], ['2.1.0']],
    ];
  for (const [what, published, tried] of cases) {
    it(what, () =>
      assert.deepEqual(
        minorsOf(KOA, published).map(({ version }) => version),
        tried,
      ),
    );
  }

  it('may behave as the row below or above, and a version that has a row as that', () => {
    const rows = minorsOf(KOA, ['2.1.0', '2.2.0', '3.0.1']).map(({ as }) => as);
    assert.deepEqual(rows, [[two], [two, three], [three]]);
  });

  it('have the other packages of that row, those with the same version in the new one', () => {
    const row = { packages: { '@nestjs/core': '9.0.0', '@nestjs/common': '9.0.0', rxjs: '7.5.5' } };
    assert.deepEqual(withVersion(row, '9.1.0').packages, {
      '@nestjs/core': '9.1.0',
      '@nestjs/common': '9.1.0',
      rxjs: '7.5.5',
    });
  });
});
