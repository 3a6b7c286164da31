/** A table in Markdown; a `|` in a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => ` ${cell.replaceAll('|', '\\|')} |`).join('')}\n`;
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('');
}

export const code = (text: string): string => `\`${text}\``;
