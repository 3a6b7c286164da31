import type { Program } from './program.ts';
import type { Session } from './session.ts';

type Varying = readonly (readonly [RegExp, string])[];

/** What differs whenever any program is started again. */
const ALWAYS_VARYING: Varying = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/g, '<time>'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '<time>'],
  [/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, '<uuid>'],
  [/\(node:\d+\)/g, '(node:<pid>)'],
  [/\bpid=\d+/g, 'pid=<pid>'],
  [/\b\d+(?:\.\d+)?\s?(?:ms|milliseconds|s)\b/g, '<duration>'],
];

/** The line that reports that a process is measured. */
const OURS =
  /^routemeter: measuring HTTP requests(?: per route)? of \S+: http:\/\/localhost:\d+\/metrics(?:, served by process \d+)?$/;

/** What must be the same with the preload as without: without our lines, which are counted, and without what varies. */
export function comparable(
  { stdout, stderr, answers, also, end, files }: Session,
  {
    varying = [],
    varyingHeaders = [],
    unordered = false,
  }: Pick<Program, 'varying' | 'varyingHeaders' | 'unordered'>,
) {
  const without = (text: string): string =>
    [...varying, ...ALWAYS_VARYING].reduce((rest, [what, name]) => rest.replaceAll(what, name), text);
  const named = (header: string): boolean =>
    ['date', ...varyingHeaders].some((name) => header.toLowerCase().startsWith(`${name}:`));
  const lines = (text: string): string[] => {
    const all = without(text).split('\n');
    return unordered ? all.sort() : all;
  };
  return {
    stdout: lines(stdout),
    stderr: lines(
      stderr
        .split('\n')
        .filter((line) => !OURS.test(line))
        .join('\n'),
    ),
    answers: answers.map(({ status, headers, body }) => ({
      status,
      headers: headers.map((header) =>
        named(header) ? header.replace(/:.*/, ': <varies>') : without(header),
      ),
      body: without(body),
    })),
    also: also.map(without),
    end,
    files: files.map(without),
  };
}

/** How many processes report that they are measured. */
export const reports = ({ stderr }: Session): number =>
  stderr.split('\n').filter((line) => OURS.test(line)).length;
