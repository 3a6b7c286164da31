import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findTexts } from '../../src/guest/find-texts.ts';

const PIECE = 1 << 18;
const MOST = 1 << 25;
const folder = mkdtempSync(join(tmpdir(), 'routemeter-texts-'));
after(() => rmSync(folder, { recursive: true }));
// The search keeps nothing alive.
const alive = setInterval(() => {}, 1e6);
after(() => clearInterval(alive));

/** A file with these texts, each at its place. */
function file(texts: Readonly<Record<string, number>>, size: number): string {
  const content = Buffer.alloc(size, '.');
  for (const [text, at] of Object.entries(texts)) content.write(text, at);
  const path = join(folder, String(Math.random()));
  writeFileSync(path, content);
  return path;
}

describe('texts are found', () => {
  const cases: readonly (readonly [what: string, texts: Readonly<Record<string, number>>, size: number])[] = [
    ['in a small file', { koa: 0 }, 3],
    ['at the end of a file', { koa: 97, hono: 10 }, 100],
    ['at the end of a large file', { koa: 2 * PIECE - 3 }, 2 * PIECE],
    ['across the border of two pieces', { koa: PIECE - 1, hono: 2 * PIECE - 7 }, 3 * PIECE],
  ];
  for (const [what, texts, size] of cases) {
    it(what, async () => {
      const found = await findTexts([file(texts, size)], ['koa', 'hono']);
      assert.deepEqual([...found].sort(), Object.keys(texts).sort());
    });
  }

  it('in any of several files, those that cannot be read left out', async () => {
    const files = [join(folder, 'none'), folder, '/dev/null', file({ koa: 5 }, 50), file({ hono: 5 }, 50)];
    assert.deepEqual([...(await findTexts(files, ['koa', 'hono']))], ['koa', 'hono']);
  });

  it('in no more than the first 32 MiB', async () => {
    const large = file({ koa: MOST + PIECE }, MOST + 2 * PIECE);
    assert.deepEqual([...(await findTexts([large, file({ hono: 0 }, 9)], ['koa', 'hono']))], []);
  });
});

it('a search does not keep a process alive that has nothing else to do', () => {
  const module = JSON.stringify(new URL('../../src/guest/find-texts.ts', import.meta.url).href);
  const large = JSON.stringify(file({}, MOST));
  const program = `import { findTexts } from ${module}; findTexts([${large}], ['x']).then(() => console.log('found'));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(said, '');
});
