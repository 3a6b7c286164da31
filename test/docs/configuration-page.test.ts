import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PAGES, withTables } from '../../scripts/configuration-page/tables.ts';
import { read } from './pages.ts';

describe('the tables of settings', () => {
  for (const page of PAGES) {
    it(`of ${page} are generated from the rows of src/config: npm run docs writes them`, () =>
      assert.deepEqual(read(page).split('\n'), withTables(page, read(page)).split('\n')));
  }

  it('are not written into a page without the lines around them', () =>
    assert.throws(() => withTables('README.md', '# routemeter\n'), /README\.md lacks the lines/));
});
