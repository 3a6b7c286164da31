/**
 * Takes a framework through the contract of routes as a user has it: the real package, its app as a process of its own,
 * the preload, and a scrape after each case.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { install } from '../../scripts/pinned/install.ts';
import type { HttpEngine } from '../../src/config/types.ts';
import { AppProcess, requestCounts } from '../app-process.ts';
import { CASES, casesOf, type Declared, expectedOf, judge } from '../contracts/routes.ts';
import { type Framework, type ModuleKind, titleOf, type Version } from './framework.ts';
import { send } from './send.ts';

const CACHE = fileURLToPath(new URL('../../.cache/frameworks', import.meta.url));
const PRELOAD = new URL('../../dist/register.js', import.meta.url).href;
const ENGINES: readonly HttpEngine[] = ['lean', 'otel'];

/** One way to run the app of a framework. */
interface Run {
  readonly framework: Framework;
  readonly version: Version;
  /** Where the version is installed. */
  readonly folder: string;
  readonly kind: ModuleKind;
  readonly engine: HttpEngine;
}

export function describeFramework(framework: Framework): void {
  for (const version of framework.versions) {
    const folder = join(CACHE, titleOf(version).replaceAll(/[^\w.-]+/g, '-'));
    const declared = merged(framework, version);
    describe(titleOf(version), () => {
      before(() => install(folder, version.packages));
      for (const kind of framework.modules) {
        for (const engine of ENGINES) {
          const run: Run = { framework, version, folder, kind, engine };
          describe(`as ${kind}, by the ${engine} engine`, () => takeThrough(declared, () => start(run)));
        }
      }
    });
  }
}

function merged(framework: Framework, version: Version): Declared {
  const both = <Key extends keyof Declared>(key: Key) => ({ ...framework[key], ...version[key] });
  return { patterns: both('patterns'), exceptions: both('exceptions'), lacks: both('lacks') } as Declared;
}

function start({ framework, version, folder, kind, engine }: Run): AppProcess {
  const app = join(folder, `app.${kind === 'esm' ? 'mjs' : 'cjs'}`);
  buildSync({
    entryPoints: [fileURLToPath(new URL(`${framework.folder}/app.mjs`, import.meta.url))],
    outfile: app,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: kind,
  });
  return new AppProcess(app, {
    flags: ['--import', PRELOAD],
    cwd: folder,
    env: { ...version.env, ROUTEMETER_HTTP_ENGINE: engine },
  });
}

function takeThrough(declared: Declared, start: () => AppProcess): void {
  let app: AppProcess;
  let counts: Counts = {};
  before(async () => {
    app = start();
    await app.url();
  });

  for (const [what, title] of casesOf(declared)) {
    it(title, async () => {
      const url = await app.url();
      const lines = CASES[what].ask;
      const statuses = await Promise.all(lines.map((line) => send(url, line)));
      const before = sum(counts);
      const known = counts;
      await app.scrapeUntil((exposition) => {
        counts = requestCounts(exposition);
        return sum(counts) >= before + lines.length;
      });
      const answers = inOrder(added(known, counts), expectedOf(what, declared));
      assert.deepEqual(answers.map(({ status }) => status).sort(), statuses.sort(), 'measured and answered');
      judge(what, answers, declared);
    });
  }

  it('logs nothing but the line at the start, which reads "per route"', async () => {
    await app.line('stderr', /^routemeter: measuring .*per route/);
    assert.equal(
      app.stderr.filter((line) => line.startsWith('routemeter: ')).length,
      1,
      app.stderr.join('\n'),
    );
  });

  after(() => app.end());
}

/** By method, route and status. */
type Counts = Readonly<Record<string, number>>;
type Answers = readonly { readonly status: number | undefined; readonly route: string | undefined }[];

const sum = (counts: Counts): number => Object.values(counts).reduce((total, count) => total + count, 0);

/** The requests that were counted in between. */
function added(earlier: Counts, later: Counts): Answers {
  return Object.entries(later).flatMap(([line, count]) => {
    const [, route = '', status] = line.match(/^\S+ (.*) (\S+)$/) ?? [];
    const answer = { status: Number(status), route: route === '-' ? undefined : unescaped(route) };
    return new Array<typeof answer>(count - (earlier[line] ?? 0)).fill(answer);
  });
}

/** Of a label's value: https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
const unescaped = (value: string): string =>
  value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));

/** Those that are as expected in the place where they are expected: counts have no order. */
function inOrder(answers: Answers, expected: Answers): Answers {
  const rest = [...answers];
  const ordered = expected.map(({ route }) => {
    const at = rest.findIndex((answer) => answer.route === route);
    return at < 0 ? undefined : rest.splice(at, 1)[0];
  });
  return ordered
    .map((answer) => answer ?? rest.shift())
    .concat(rest)
    .filter((answer) => answer !== undefined);
}
