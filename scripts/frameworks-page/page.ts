import { CASES, expectedOf, type What } from '../../test/contracts/routes.ts';
import { FOUND, type Framework, versionOf } from '../../test/frameworks/framework.ts';
import type { Results } from '../versions/results.ts';
import { sectionOf } from './section.ts';
import { code, table } from './table.ts';

/** The text between these lines is generated; everything else in the page is written by hand. */
const BEGIN = '<!-- Written by `npm run docs`: change test/frameworks instead. -->';
const END = '<!-- End of what is written. -->';

/** The page with what the rows of test/frameworks promise. */
export function withFrameworks(text: string, frameworks: readonly Framework[], results: Results): string {
  const [before, rest] = text.split(`${BEGIN}\n`);
  const after = rest?.split(`${END}\n`)[1];
  if (after === undefined) throw new Error(`docs/frameworks.md lacks the lines ${BEGIN} and ${END}`);
  const parts = [overview(frameworks), contract(), ...frameworks.map((each) => sectionOf(each, results))];
  return `${before}${BEGIN}\n\n${parts.join('\n')}\n${END}\n${after}`;
}

function overview(frameworks: readonly Framework[]): string {
  const rows = frameworks.map((framework) => {
    const { name, versions, modules, program, found } = framework;
    return [
      `[${name}](#${anchorOf(name)})`,
      versions.map(versionOf).join(', '),
      [...(modules ?? []).map((kind) => KINDS[kind]), ...Object.keys(program?.starts ?? {})].join(', '),
      FOUND[found].where,
      inBundle(framework),
    ];
  });
  return table(
    ['Framework', 'Versions tested', 'Apps tested', 'The route is found', 'In an app bundled into one file'],
    rows,
  );
}

function inBundle({ found, program, unbundled }: Framework): string {
  if (program?.build !== undefined) return 'as its own build makes it';
  return unbundled === undefined ? FOUND[found].bundled : `not tested: ${unbundled}`;
}

const KINDS = { esm: 'ES module', cjs: 'CommonJS' } as const;

/** As GitHub makes them of titles. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function contract(): string {
  const rows = (Object.keys(CASES) as What[]).map((what) => {
    const [answer] = expectedOf(what, {});
    return [
      what,
      CASES[what].ask.map(code).join(' and '),
      answer?.status === undefined ? 'as the framework has it' : String(answer.status),
      expectedOf(what, {})
        .map(({ route }) => (route === undefined ? 'none' : code(route)))
        .join(' and '),
    ];
  });
  return [
    '## What every framework reports\n',
    'The routes with `:tenant` are declared in a router of their own, which is mounted. Each framework reports the',
    'following, unless its section has something else.\n',
    table(['Case', 'Request', 'Status', '`http.route`'], rows),
  ].join('\n');
}
