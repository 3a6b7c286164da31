/** The journeys that CONTRIBUTING draws, held to the code. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** What puts the parts together, and may hand any file its next one. */
const COMPOSING = ['src/session.ts', 'src/pipeline/compose.ts'];

/** Each journey by its heading, with its files in order. */
const journeys = [...text('CONTRIBUTING.md').split(/^## /m)]
  .filter((section) => section.startsWith('Journeys'))
  .flatMap((section) => section.split(/^### /m).slice(1))
  .map((section) => ({
    title: section.split('\n', 1).join(),
    files: [...section.matchAll(/^\d+\. `([^`]+)`: \S/gm)].map(([, file = '']) => file),
    steps: section.match(/^\d+\. /gm)?.length,
  }));

/** Whether a file imports another, or loads it when it is needed. */
function leadsTo(from: string, to: string): boolean {
  const imported = [...text(from).matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, path = '']) =>
    join(from, '..', path),
  );
  return imported.includes(to) || text(from).includes(`'./${to.replace(/^src\/|\.ts$/g, '')}'`);
}

describe('the journeys', () => {
  it('are four, and each step is a file and a short description', () => {
    assert.equal(journeys.length, 4);
    for (const { title, files, steps } of journeys) assert.equal(files.length, steps, title);
  });

  for (const { title, files } of journeys) {
    it(`${title}: every file is there`, () => {
      assert.deepEqual(
        files.filter((file) => !existsSync(join(ROOT, file))),
        [],
      );
    });

    it(`${title}: each file is imported or loaded by one before it`, () => {
      const alone = files.filter(
        (file, index) =>
          index > 0 &&
          !COMPOSING.includes(file) &&
          ![...COMPOSING, ...files.slice(0, index)].some((before) => leadsTo(before, file)),
      );
      assert.deepEqual(alone, []);
    });
  }
});
