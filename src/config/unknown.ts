import { isRecord } from '../guest/is-record.ts';
import { closest, isServiceLink } from './near-misses.ts';
import type { Settings } from './settings.ts';
import { OPTIONS, VARIABLES } from './table.ts';

/** Every variable that starts with `ROUTEMETER_`, and every option, has to be one of the table. */
export function rejectUnknown(settings: Settings): void {
  rejectUnknownVariables(settings);
  const { options } = settings.source;
  if (!isRecord(options)) settings.problem('options', options, 'not an object', 'options by name');
  else rejectUnknownKeys(settings, options, '');
}

function rejectUnknownVariables(settings: Settings): void {
  const known = VARIABLES.filter((name) => name.startsWith('ROUTEMETER_'));
  for (const name of Object.keys(settings.source.env).sort()) {
    if (!name.startsWith('ROUTEMETER_') || known.includes(name)) continue;
    const given = settings.variable(name);
    if (given === undefined || isServiceLink(name, String(given.value))) continue;
    given.reject(`no such variable${hint(name, known)}`, known.join(', '));
  }
}

/** @param prefix the path of the group, `otlp.`, or empty */
function rejectUnknownKeys(settings: Settings, group: Record<string, unknown>, prefix: string): void {
  const paths = OPTIONS.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const known = [...new Set(paths.map((path) => path.split('.')[0] ?? path))];
  for (const [key, value] of Object.entries(group)) {
    const name = `options.${prefix}${key}`;
    // Something unknown beside the headers may be a secret as well.
    const secret = name.startsWith('options.otlp');
    if (value === undefined || paths.includes(key)) continue;
    if (!known.includes(key)) {
      settings.problem(name, value, `no such option${hint(key, known)}`, known.join(', '), secret);
    } else if (isRecord(value)) rejectUnknownKeys(settings, value, `${key}.`);
    else settings.problem(name, value, 'not an object', 'an object of options', secret);
  }
}

function hint(name: string, known: readonly string[]): string {
  const likely = closest(name, known);
  return likely === undefined ? '' : `, the closest is ${likely}`;
}
