/** What a benchmark hands back, and how it is written. */

export interface Table {
  readonly title: string;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Target {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  /** Undefined where it could not be measured. */
  readonly reached: boolean | undefined;
}

export interface Report {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
  /** The packages whose versions belong to the figures; those of most benchmarks by default. */
  readonly compared?: readonly string[];
}

/** A report as Markdown: its tables, its targets, its notes. */
export function markdown(report: Report): string {
  const verdict = (reached: boolean | undefined): string =>
    reached === undefined ? 'not measured' : reached ? 'yes' : '**no**';
  const targets: Table = {
    title: 'Targets',
    headers: ['target', 'limit', 'measured', 'reached'],
    rows: report.targets.map((target) => [
      target.what,
      target.limit,
      target.measured,
      verdict(target.reached),
    ]),
  };
  return [...report.tables, ...(report.targets.length > 0 ? [targets] : [])]
    .map(table)
    .concat(report.notes.map((note) => `- ${note}`).join('\n'))
    .join('\n\n');
}

function table({ title, headers, rows }: Table): string {
  // A message may have several lines, and characters that mean something in a table.
  const cell = (text: string): string => text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = headers.map((_, column) => (column === 0 ? '---' : '---:'));
  return [`**${title}**`, '', line(headers), line(rule), ...rows.map(line)].join('\n');
}

/**
 * Replaces what stands between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error if the text has no such place
 */
export function replaceBlock(text: string, name: string, content: string): string {
  const open = `<!-- ${name} -->`;
  const start = text.indexOf(open);
  const end = text.indexOf(`<!-- /${name} -->`);
  if (start < 0 || end < start) throw new Error(`no place for ${name}`);
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`;
}
