/**
 * Takes every published minor version of the frameworks through the contract of routes, and keeps the result for
 * docs/frameworks.md. Needs dist, and npm's registry.
 *
 *   node scripts/versions.ts [folder of test/frameworks]...
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Framework, titleOf, type Version } from '../test/frameworks/framework.ts';
import { frameworks } from '../test/frameworks/index.ts';
import { folderOf } from '../test/frameworks/installed.ts';
import { minorsOf, withVersion } from './versions/minors.ts';
import { writeResult } from './versions/results.ts';

const PROGRAM = fileURLToPath(new URL('versions/one.ts', import.meta.url));
const run = promisify(execFile);

const wanted = process.argv.slice(2);
for (const framework of frameworks) {
  if (wanted.length === 0 || wanted.includes(framework.folder)) await tryAll(framework);
}

async function tryAll(framework: Framework): Promise<void> {
  const [row] = framework.versions;
  const name = Object.keys(row?.packages ?? {})[0] ?? '';
  const { stdout } = await run('npm', ['view', name, 'versions', '--json'], { maxBuffer: 1 << 24 });
  const published = [JSON.parse(stdout) as string | string[]].flat();
  const passed: string[] = [];
  const failed: Record<string, string> = {};
  for (const { version, as } of minorsOf(framework, published)) {
    let why: string | undefined;
    for (const each of as) {
      const problem = await failureOf(framework, withVersion(each, version));
      // The first is that of the row below, which the version is more like.
      why = problem === undefined ? undefined : (why ?? problem);
      if (problem === undefined) break;
    }
    console.log(`${framework.name}: ${name} ${version} ${why === undefined ? 'passes' : `fails: ${why}`}`);
    if (why === undefined) passed.push(version);
    else failed[version] = why;
  }
  writeResult(framework.name, { date: new Date().toISOString().slice(0, 10), passed, failed });
}

/** Undefined if the version keeps the contract. */
async function failureOf(framework: Framework, version: Version): Promise<string | undefined> {
  const { FORCE_COLOR: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  try {
    await run(process.execPath, ['--test', '--test-reporter=tap', '--test-timeout=120000', PROGRAM], {
      env: { ...env, FRAMEWORK: framework.name, VERSION: JSON.stringify(version) },
      maxBuffer: 1 << 26,
    });
    return undefined;
  } catch (error) {
    return reasonOf(String(Reflect.get(Object(error), 'stdout') ?? error));
  } finally {
    const isRow = frameworks.some(({ versions }) =>
      versions.some((row) => titleOf(row) === titleOf(version)),
    );
    if (!isRow) await rm(folderOf(version), { recursive: true, force: true });
  }
}

/** Of what npm or the app has printed, or the name of the first case that failed. */
function reasonOf(tap: string): string {
  const npm = tap.match(/npm error (?!code|A complete log)(.+)/)?.[1];
  if (npm !== undefined) return `cannot be installed: ${npm.trim()}`;
  const thrown = tap.match(/^\s*((?:\w*Error)(?: \[\w+\])?: (?!no 1 ).+)$/m)?.[1];
  const cases = [...tap.matchAll(/^\s+not ok \d+ - (.+)$/gm)].map(([, title]) => title);
  const first = cases[0]?.replace(/\\/g, '') ?? 'it does not start';
  return thrown === undefined || tap.includes('Expected values to be') ? first : thrown.trim();
}
