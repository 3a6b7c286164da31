import type { Docs, Row } from '../../src/config/settings.ts';
import { TABLE } from '../../src/config/table.ts';

export const PAGES = ['docs/configuration.md', 'README.md'] as const;

export const DOCS_HEAD = '| Variable | Option of `start()` | Default | Meaning and accepted values |';
export const README_HEAD = '| Variable | Default | Meaning |';

/** What is between these lines is written; all else in a page is by hand. */
const BEGIN = '<!-- Written by `npm run docs`: change src/config/rows instead. -->';
const END = '<!-- End of what is written. -->';

/** The page with the tables that the rows of src/config/rows give. */
export function withTables(page: (typeof PAGES)[number], text: string): string {
  const [before, rest] = text.split(`${BEGIN}\n`);
  const after = rest?.split(`${END}\n`)[1];
  if (after === undefined) throw new Error(`${page} lacks the lines ${BEGIN} and ${END}`);
  const tables = page === 'README.md' ? readmeTable() : TABLE.map(section).join('\n');
  return `${before}${BEGIN}\n\n${tables}\n${END}\n${after}`;
}

function section({ title, rows, exporter }: { title: string; rows: object; exporter?: string }): string {
  const when = exporter && `Checked only if the exporter \`${exporter}\` is chosen.\n\n`;
  const lines = Object.values<Row>(rows as Readonly<Record<string, Row>>).flatMap((row) =>
    variablesOf(row).map(({ name, docs, fallback }) => {
      const option = row.option === undefined ? '' : ` \`${row.option}\``;
      return `| \`${name}\` |${option} |${fallback && ` ${fallback}`} | ${docs.meaning}${docs.details ?? ''} |\n`;
    }),
  );
  return `## ${title}\n\n${when ?? ''}${DOCS_HEAD}\n|---|---|---|---|\n${lines.join('')}`;
}

function readmeTable(): string {
  const lines = TABLE.flatMap(({ rows }) => Object.values<Row>(rows))
    .flatMap(variablesOf)
    .filter(({ docs }) => docs.readme)
    .map(({ name, docs, fallback }) => `| \`${name}\` | ${fallback} | ${docs.meaning} |\n`)
    .map((line) => line.replace(/\]\((?=[\w-]+\.md)/g, '](docs/'));
  return `${README_HEAD}\n|---|---|---|\n${lines.join('')}`;
}

/** Each variable of a row with what documents say of it. */
export function variablesOf(row: Row): { name: string; docs: Docs; fallback: string }[] {
  return row.variables.map((name, index) => {
    if (index === 0) return { name, docs: row, fallback: row.default ?? defaultText(row.fallback) };
    const docs = row.allSignals ?? { meaning: 'The same for all signals' };
    return { name, docs, fallback: docs.default ?? '' };
  });
}

/** A default as a variable has it; empty lists and objects are none. */
function defaultText(fallback: unknown): string {
  const text = typeof fallback === 'object' ? Object.values(fallback ?? {}).join() : String(fallback ?? '');
  return text === '' ? 'none' : `\`${text}\``;
}
