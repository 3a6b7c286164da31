import { readFileSync } from 'node:fs';
import { CASES, expectedOf, ROUTES, type Route, type What } from '../../test/contracts/routes.ts';
import {
  type Framework,
  merged,
  type OwnCase,
  type Version,
  versionOf,
} from '../../test/frameworks/framework.ts';
import type { Result, Results } from '../versions/results.ts';
import { code, table } from './table.ts';

/** What is promised of one framework. */
export function sectionOf(framework: Framework, results: Results): string {
  const parts = [
    tested(framework),
    minors(framework, results[framework.name]),
    naming(framework),
    notation(framework),
    differences(framework),
    lacking(framework),
    beyond(framework),
    bundled(framework),
  ];
  return [`## ${framework.name}`, ...parts.filter((part) => part !== '')].join('\n\n').concat('\n');
}

function tested({ versions }: Framework): string {
  if (versions.every(({ packages }) => Object.keys(packages).length === 1)) return '';
  const each = versions.map(({ packages }) => {
    const [framework = '', ...others] = Object.entries(packages).map(
      ([name, version]) => `${code(name)} ${version}`,
    );
    return others.length === 0 ? framework : `${framework} with ${listed(others)}`;
  });
  return `Tested: ${each.join('; ')}.`;
}

function naming({ folder, naming }: Framework): string {
  if (naming === undefined) return '';
  const files = naming.files.map((file) => {
    const text = readFileSync(new URL(`${folder}/program/${file}`, APPS), 'utf8').trimEnd();
    return `${code(file)}:\n\n\`\`\`${file.replace(/.*\./, '')}\n${text}\n\`\`\``;
  });
  return ['The app names its routes by [`route`](in-request.md#route).', ...files, naming.remark].join(
    '\n\n',
  );
}

function bundled({ folder, namesInBundle }: Framework): string {
  if (!namesInBundle) return '';
  const text = readFileSync(new URL(`${folder}/bundled.mjs`, APPS), 'utf8').trimEnd();
  return `In [a bundle](#bundles) the app names its routes:\n\n\`\`\`js\n${text}\n\`\`\``;
}

const APPS = new URL('../../test/frameworks/', import.meta.url);

function minors(framework: Framework, result: Result | undefined): string {
  if (result === undefined) return '';
  const { date, passed, failed } = result;
  const failing = Object.entries(failed);
  const count = passed.length + failing.length;
  const [lowest, newest] = [framework.versions[0], framework.versions.at(-1)].map(
    (row) => row && versionOf(row),
  );
  if (count === 1 && failing.length === 0)
    return `${newest} is the only minor version. It was tried on ${date}, and does what is written here.`;
  const tried = `All ${count} minor versions from ${lowest} to ${newest} were tried on ${date}, each in its newest patch`;
  if (failing.length === 0) return `${tried}, and all do what is written here.`;
  const lines = failing.map(([version, why]) => `- ${version}: ${why}`);
  return `${tried}. ${passed.length} do what is written here; these do not:\n\n${lines.join('\n')}`;
}

function notation(framework: Framework): string {
  const rows = (Object.keys(ROUTES) as Route[]).flatMap((route) =>
    byVersion(framework, (version) => merged(framework, version).patterns?.[route]).map(
      ([pattern, versions]) => [code(ROUTES[route]), code(pattern) + versions],
    ),
  );
  return rows.length === 0
    ? ''
    : `Its patterns, as an app declares them:\n\n${table(['In the table above', 'Here'], rows).trimEnd()}`;
}

function differences(framework: Framework): string {
  const rows = (Object.keys(CASES) as What[]).flatMap((what) =>
    byVersion(framework, (version) => {
      const declared = merged(framework, version);
      const why = declared.exceptions?.[what]?.why;
      if (why === undefined) return undefined;
      const answers = expectedOf(what, declared).map((answer) => answerOf(answer.status, answer.route));
      return JSON.stringify([answers.join(' and '), why]);
    }).map(([cells, versions]) => {
      const [answers = '', why = ''] = JSON.parse(cells) as string[];
      return [what + versions, answers, why];
    }),
  );
  return rows.length === 0
    ? 'Everything is as in the table above.'
    : `What differs:\n\n${table(['Case', 'Status and `http.route`', 'Because'], rows).trimEnd()}`;
}

function lacking(framework: Framework): string {
  const byReason = new Map<string, string[]>();
  for (const what of Object.keys(CASES) as What[]) {
    for (const [why, versions] of byVersion(
      framework,
      (version) => merged(framework, version).lacks?.[what],
    )) {
      const reason = why + versions;
      byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
    }
  }
  if (byReason.size === 0) return '';
  const lines = [...byReason].map(([why, cases]) => `- ${listed(cases)}: ${why}`);
  return `What it cannot declare:\n\n${lines.join('\n')}`;
}

function beyond(framework: Framework): string {
  const titles = new Set(framework.versions.flatMap((version) => Object.keys(ownOf(framework, version))));
  const rows = [...titles].flatMap((title) =>
    byVersion(framework, (version) => {
      const own = ownOf(framework, version)[title];
      return own && JSON.stringify([code(own.ask), answerOf(own.status, routeOf(own))]);
    }).map(([cells, versions]) => [title + versions, ...(JSON.parse(cells) as string[])]),
  );
  return rows.length === 0
    ? ''
    : `What only it has:\n\n${table(['Case', 'Request', 'Status and `http.route`'], rows).trimEnd()}`;
}

const ownOf = (framework: Framework, version: Version): Readonly<Record<string, OwnCase>> => ({
  ...framework.own,
  ...version.own,
});

const routeOf = ({ route }: OwnCase): string | undefined => (route === 'none' ? undefined : route);

function answerOf(status: number | undefined, route: string | undefined): string {
  return [status, route === undefined ? 'none' : code(route)].filter((each) => each !== undefined).join(', ');
}

/** Each thing that is said of a version, with the versions in brackets unless it is said of all. */
function byVersion(
  { versions }: Framework,
  say: (version: Version) => string | undefined,
): (readonly [said: string, versions: string])[] {
  const saying = new Map<string, string[]>();
  for (const version of versions) {
    const said = say(version);
    if (said !== undefined) saying.set(said, [...(saying.get(said) ?? []), versionOf(version)]);
  }
  return [...saying].map(([said, which]) => [
    said,
    which.length === versions.length ? '' : ` (${which.join(', ')})`,
  ]);
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
