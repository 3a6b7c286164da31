import { EXPORTERS } from '../../src/config/rows/exporters.ts';
import type { Docs, Row, Rows } from '../../src/config/settings.ts';
import { TABLE } from '../../src/config/table.ts';

/** Each page, and the tables that it has. */
const TABLES = {
  'docs/configuration.md': () => TABLE.map(section).join('\n'),
  'docs/statsd.md': () => settingsTable(EXPORTERS.statsd),
  'README.md': readmeTable,
};

type Page = keyof typeof TABLES;

export const PAGES = Object.keys(TABLES) as Page[];

/** The text between these lines is generated; everything else in a page is written by hand. */
const BEGIN = '<!-- Written by `npm run docs`: change src/config/rows instead. -->';
const END = '<!-- End of what is written. -->';

/** The page with the tables that the rows of src/config/rows give. */
export function withTables(page: Page, text: string): string {
  const [before, rest] = text.split(`${BEGIN}\n`);
  const after = rest?.split(`${END}\n`)[1];
  if (after === undefined) throw new Error(`${page} lacks the lines ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${TABLES[page]()}\n${END}\n${after}`;
}

function section({ title, rows, exporter }: { title: string; rows: Rows; exporter?: string }): string {
  const when = exporter === undefined ? '' : `Checked only if the exporter \`${exporter}\` is chosen.\n\n`;
  return `## ${title}\n\n${when}${settingsTable(rows)}`;
}

function settingsTable(rows: Rows): string {
  const cells = Object.values(rows).flatMap((row) =>
    variablesOf(row).map(({ name, docs, fallback }) => [
      `\`${name}\``,
      row.option === undefined ? '' : `\`${row.option}\``,
      fallback,
      `${docs.meaning}${docs.details ?? ''}`,
    ]),
  );
  return table(['Variable', 'Option of `start()`', 'Default', 'Meaning and accepted values'], cells);
}

function readmeTable(): string {
  const cells = TABLE.flatMap(({ rows }) => Object.values<Row>(rows))
    .flatMap(variablesOf)
    .filter(({ docs }) => docs.readme)
    .map(({ name, docs, fallback }) => [`\`${name}\``, fallback, docs.meaning]);
  return table(['Variable', 'Default', 'Meaning'], cells).replace(/\]\((?=[\w-]+\.md)/g, '](docs/');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => cell && ` ${cell}`).join(' |')} |\n`;
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('');
}

/** Each variable of a row, and what documents say of it. */
export function variablesOf(row: Row): { name: string; docs: Docs; fallback: string }[] {
  return row.variables.map((name, index) => {
    if (index === 0) return { name, docs: row, fallback: row.default ?? defaultText(row.fallback) };
    const docs = row.second ?? { meaning: 'The same for all signals' };
    return { name, docs, fallback: docs.default ?? '' };
  });
}

/** A default as a variable has it; empty lists and objects are none. */
function defaultText(fallback: unknown): string {
  const text = typeof fallback === 'object' ? Object.values(fallback ?? {}).join() : String(fallback ?? '');
  return text === '' ? 'none' : `\`${text}\``;
}
