import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PAGES, withTables } from '../../scripts/configuration-page/tables.ts';
import { nameFault } from '../../src/config/checks/labels.ts';
import { read } from './pages.ts';

describe('the tables of settings', () => {
  for (const page of PAGES) {
    it(`of ${page} are generated from the rows of src/config: npm run docs writes them`, () =>
      assert.deepEqual(read(page).split('\n'), withTables(page, read(page)).split('\n')));
  }

  it('are not written into a page without the lines around them', () =>
    assert.throws(() => withTables('README.md', '# routemeter\n'), /README\.md lacks the lines/));
});

describe('docs/configuration.md', () => {
  const [, list = ''] =
    read('docs/configuration.md').match(
      /A label may not have the name of an attribute([\s\S]*?)in whatever case/,
    ) ?? [];
  const listed = [...list.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name);

  it('lists as names that no label may have what is rejected', () => {
    for (const name of listed) assert.match(nameFault(name) ?? '', /attribute/, name);
  });

  it('lists the attributes of all metrics in docs/metrics.md, but for those that begin with otel', () => {
    const rows = read('docs/metrics.md').matchAll(/^(?:\| [^|]* ){4}\| ([^|]*\.[^|]*) \|/gm);
    const attributes = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([\w.]+)`/g)]);
    const missing = attributes
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('otel.') && !listed.includes(name));
    assert.deepEqual([...new Set(missing)], []);
    assert.ok(attributes.length > listed.length);
  });
});
