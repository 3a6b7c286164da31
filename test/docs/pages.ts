import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The text of a file of the repository. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The pages that a user reads. */
export const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'RELEASING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`),
];

export interface Block {
  readonly page: string;
  /** The text of the comment before it. */
  readonly note: string | undefined;
  readonly language: string;
  readonly lines: readonly string[];
}

export const BLOCKS: readonly Block[] = PAGES.flatMap((page) =>
  [...read(page).matchAll(/(?:<!-- (.+) -->\n)?^( *)```(\w+)\n([\s\S]*?)^ *```$/gm)].map(
    ([, note, indent = '', language = '', text = '']) => ({
      page,
      note,
      language,
      lines: text
        .split('\n')
        .slice(0, -1)
        .map((line) => line.slice(indent.length)),
    }),
  ),
);

export function block(page: string, note: string): Block {
  const found = BLOCKS.find((each) => each.page === page && each.note === note);
  assert.ok(found, `${page} has no block marked "${note}"`);
  return found;
}

/** The rows of the page's table with this head, their cells without backquotes. */
export function table(page: string, head: string): string[][] {
  return tableOf(read(page), head);
}

/** The rows of a text's table. */
export function tableOf(text: string, head: string): string[][] {
  const lines = text.split('\n');
  const start = lines.indexOf(head);
  assert.ok(start >= 0, `there is no table ${head}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? undefined : end).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('`', '')),
  );
}
