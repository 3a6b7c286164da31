/**
 * Names of metric families, as the Collector's Prometheus exporter writes them: the rules of `MetricNamer` in
 * https://github.com/prometheus/otlptranslator with suffixes and without UTF-8, for
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */

import type { MetricData } from '@opentelemetry/sdk-metrics';
import { type Kind, kindOf } from './kind.ts';

const UNITS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tibibytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);

const PER_UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/**
 * @param name the instrument's name, `http.server.request.duration`
 * @param unit the instrument's UCUM unit, `s`
 * @returns the family's name, `http_server_request_duration_seconds`; undefined if nothing writable is left of it
 */
export function familyName(name: string, unit: string, kind: Kind): string | undefined {
  let tokens = name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  const { main, per } = unitSuffixes(unit);
  addUnit(tokens, clean(main), clean(per));
  if (kind === 'counter') tokens = moveToEnd(tokens, 'total');
  if (kind === 'gauge' && unit === '1') tokens = moveToEnd(tokens, 'ratio');
  const joined = tokens.join('_');
  if (joined === '') return undefined;
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

function unitSuffixes(unit: string): { main: string; per: string } {
  const slash = unit.indexOf('/');
  const main = (slash < 0 ? unit : unit.slice(0, slash)).trim();
  const per = slash < 0 ? '' : unit.slice(slash + 1).trim();
  const perWord = isAnnotation(per) ? '' : (PER_UNITS.get(per) ?? per);
  return {
    main: isAnnotation(main) ? '' : (UNITS.get(main) ?? main),
    per: perWord === '' ? '' : `per_${perWord}`,
  };
}

/** Whether it is `{request}`, or anything else with a brace. */
function isAnnotation(unit: string): boolean {
  return unit.includes('{') || unit.includes('}');
}

function clean(unit: string): string {
  return unit.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_/, '');
}

function addUnit(tokens: string[], main: string, per: string): void {
  const perToken = per === 'per_' ? '' : per.replace(/_$/, '');
  const addMain = main !== '' && !tokens.includes(main);
  const addPer = perToken !== '' && !tokens.includes(perToken);
  const mainToken = addPer ? main.replace(/_$/, '') : main;
  if (addMain && mainToken !== '') tokens.push(mainToken);
  if (addPer) tokens.push(perToken);
}

function moveToEnd(tokens: readonly string[], token: string): string[] {
  return [...tokens.filter((other) => other !== token), token];
}

/** What a family's name tells of its unit, `seconds` or `bytes_per_second`; empty if the unit has no word. */
export function unitWord(unit: string): string {
  const { main, per } = unitSuffixes(unit);
  return [clean(main), clean(per)].filter((word) => word !== '' && word !== 'per_').join('_');
}

/** The name of an instrument's family: {@link familyName}. */
export function metricName(metric: MetricData): string | undefined {
  const { name, unit } = metric.descriptor;
  return familyName(name, unit, kindOf(metric));
}

/**
 * The name of a family with the characters that the instrument's name has, `http.server.request.duration_seconds`, as
 * the Collector writes it with UTF-8 names.
 */
export function utf8FamilyName(name: string, unit: string, kind: Kind): string {
  const { main, per } = unitSuffixes(unit);
  const perToken = per === 'per_' ? '' : per;
  const atEnd = [
    ...(kind === 'gauge' && unit === '1' ? ['ratio'] : []),
    ...(kind === 'counter' ? ['total'] : []),
    ...(perToken === '' ? [] : [perToken]),
  ];
  let written = name;
  for (const suffix of atEnd) {
    const rest = written.slice(0, -suffix.length - 1);
    if (rest !== '' && written.endsWith(suffix) && /[^a-zA-Z0-9]/.test(written.slice(rest.length)[0] ?? ''))
      written = rest;
  }
  if (main !== '' && !written.endsWith(main)) written += `_${main}`;
  return [written, ...atEnd.toReversed()].join('_');
}
