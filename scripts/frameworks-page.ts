/**
 * Writes what the contract of routes promises of each framework into docs/frameworks.md.
 *
 *   node scripts/frameworks-page.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { frameworks } from '../test/frameworks/index.ts';
import { withFrameworks } from './frameworks-page/page.ts';
import { readResults } from './versions/results.ts';

const file = new URL('../docs/frameworks.md', import.meta.url);
writeFileSync(file, withFrameworks(readFileSync(file, 'utf8'), frameworks, readResults()));
