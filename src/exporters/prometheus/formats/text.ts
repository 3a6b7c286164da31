import type { Family } from '../families.ts';
import type { Format } from './format.ts';
import { escapeHelp } from './label-text.ts';
import { quotedName, type TextDialect, writeText } from './lines.ts';
import { goFloat } from './numbers.ts';

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const DIALECT: TextDialect = {
  head: ({ name, type, help }: Pick<Family, 'name' | 'type' | 'help'>) =>
    `# HELP ${quotedName(name)} ${escapeHelp(help)}\n# TYPE ${quotedName(name)} ${type}\n`,
  target: '# HELP target_info Target metadata\n# TYPE target_info gauge\n',
  bound: goFloat,
  end: '',
};

/** Prometheus' text format 0.0.4. */
export const text004: Format = {
  mediaType: 'text/plain',
  parameters: { version: '0.0.4' },
  isText: true,
  namesEscaping: false,
  write: (exposition, log) => writeText(exposition, log, DIALECT),
};

/** Prometheus' text format 1.0.0, which may have names in UTF-8. */
export const text100: Format = { ...text004, parameters: { version: '1.0.0' }, namesEscaping: true };
