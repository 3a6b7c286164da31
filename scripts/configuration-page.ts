/**
 * Writes the tables of settings into docs/configuration.md and the README.
 *
 *   node scripts/configuration-page.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PAGES, withTables } from './configuration-page/tables.ts';

for (const page of PAGES) {
  const file = new URL(`../${page}`, import.meta.url);
  writeFileSync(file, withTables(page, readFileSync(file, 'utf8')));
}
