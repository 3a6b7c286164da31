/**
 * Installs the packed tarball as a user would, and scrapes small apps that it measures, on each Node.js given.
 *
 *   node scripts/test-package.ts routemeter-0.1.0.tgz path/to/node [path/to/another/node ...]
 *
 * Every start is checked for the count of its routes and for silence: one line on stderr, no warning of any kind.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

const PATIENCE_MILLIS = 20_000;
const USAGE = 'usage: node scripts/test-package.ts <tarball> <node>...';

/** @param statement what the handler does before it answers */
const routes = (statement = ''): string => `
app.get('/users/:id', async (req, res) => {
  await null;
  ${statement}
  res.json({ id: req.params.id });
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
const APPS: Readonly<Record<string, string>> = {
  'app.mjs': `import express from 'express';\nconst app = express();${routes()}`,
  'app.cjs': `const express = require('express');\nconst app = express();${routes()}`,
};
const COUNTING_ROUTES = `const app = express();${routes("count('user.seen');")}`;
/** Apps that count in their requests. */
const COUNTING_APPS: Readonly<Record<string, string>> = {
  'counting.mjs': `import express from 'express';\nimport { count } from 'routemeter';\n${COUNTING_ROUTES}`,
  'counting.cjs': `const express = require('express');\nconst { count } = require('routemeter');\n${COUNTING_ROUTES}`,
};

/** What is loaded only if it is chosen, each under the name that a failure shows. */
const CHOSEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'all exporters': { OTEL_METRICS_EXPORTER: 'prometheus,otlp,statsd,console' },
  'OTLP as JSON': {
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
  },
  'StatsD by TCP': {
    OTEL_METRICS_EXPORTER: 'prometheus,statsd',
    ROUTEMETER_STATSD_URL: 'tcp://127.0.0.1:9',
  },
  'the otel engine': { ROUTEMETER_HTTP_ENGINE: 'otel' },
  'outgoing requests': { ROUTEMETER_HTTP_CLIENT: 'true' },
  'patterns by hand': { ROUTEMETER_ROUTES: '/manual/:id' },
};

interface Case {
  readonly name: string;
  /** Working directory: the app's project. */
  readonly folder: string;
  readonly flags: readonly string[];
  readonly nodeOptions?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: { stdout: string; stderr: string };
  /** Exit code and signal, when the process has ended and both streams are read. */
  readonly ended: Promise<unknown[]>;
}

const repository = resolve(import.meta.dirname, '..');
const [tarball, ...nodes] = process.argv.slice(2).map((path) => resolve(path));
if (tarball === undefined || nodes.length === 0) throw new Error(USAGE);

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'routemeter-package-')));
const children = new Set<ChildProcess>();
const cleanUp = (): void => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cleanUp();
    process.kill(process.pid, signal);
  });
}

try {
  await testPackage(tarball, nodes);
} finally {
  cleanUp();
}

async function testPackage(tarball: string, nodes: readonly string[]): Promise<void> {
  const express = `express@${developmentVersion('express')}`;
  const project = install('project', [tarball, express]);
  const without = install('without', [express]);
  const register = join(install('agent', [tarball]), 'node_modules/routemeter/dist/register.js');

  const files = checkNoMachinePath(join(project, 'node_modules/routemeter'));
  console.log(`${files} files, none with a path of this machine`);

  const cases: readonly Case[] = [
    { name: '--import routemeter/register', folder: project, flags: ['--import', 'routemeter/register'] },
    { name: '-r routemeter/register', folder: project, flags: ['-r', 'routemeter/register'] },
    { name: 'NODE_OPTIONS', folder: project, flags: [], nodeOptions: '--import routemeter/register' },
    { name: '--import of an absolute path', folder: without, flags: ['--import', register] },
    { name: '-r of an absolute path', folder: without, flags: ['-r', register] },
  ];

  /** Of the project, whose apps can import the package. */
  const counting: readonly Case[] = [
    ...cases.filter(({ folder }) => folder === project),
    { name: '--import of another copy', folder: project, flags: ['--import', register] },
  ];

  const testOn = async (node: string): Promise<void> => {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    if (isTooOld(version)) {
      for (const app of ['app.mjs', 'counting.mjs']) await testTooOld(node, app, project);
      console.log(`${version}: too old, said in one line, the apps answer`);
      return;
    }
    for (const app of Object.keys(APPS)) {
      for (const each of cases) {
        await testMeasured(node, app, each);
        console.log(`${version}: ${app}, ${each.name}`);
      }
    }
    for (const [name, env] of Object.entries(CHOSEN)) {
      await testChosen(node, { name, env, folder: project, flags: ['--import', 'routemeter/register'] });
      console.log(`${version}: ${name}`);
    }
    for (const app of Object.keys(COUNTING_APPS)) {
      for (const each of counting) {
        const text = await testMeasured(node, app, each);
        assert.match(text, /^user_seen_total\{http_route="\/users\/:id"\} 3$/m, text);
        console.log(`${version}: ${app}, ${each.name}`);
      }
      await testUnmeasured(node, app, project);
      console.log(`${version}: ${app}, without the preload`);
    }
  };
  await Promise.all(nodes.map(testOn));
}

/** @returns what was scraped */
async function testMeasured(node: string, app: string, each: Case): Promise<string> {
  const running = start(node, app, each);
  const { child, output, ended } = running;
  const port = await printed(running, 'stdout', /^(\d+)$/m);
  const metrics = await printed(running, 'stderr', /^routemeter: measuring .*(http:\/\/\S+)$/m);

  for (const path of ['/users/1', '/users/2', '/users/3', '/unknown']) {
    await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  }
  const text = await (await fetch(metrics)).text();
  assert.equal(count(text, { http_route: '/users/:id', http_response_status_code: '200' }), 3, text);
  assert.equal(count(text, { http_response_status_code: '404' }), 1, text);

  child.kill('SIGTERM');
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  assertOneLine(output.stderr, /^routemeter: measuring /);
  return text;
}

/** Measures as without these settings, and has all that it needs; that nothing receives what is sent may be logged. */
async function testChosen(node: string, each: Case): Promise<void> {
  const running = start(node, 'app.mjs', each);
  const port = await printed(running, 'stdout', /^(\d+)$/m);
  const metrics = await printed(running, 'stderr', /(http:\/\/localhost:\d+\/metrics)/);
  await (await fetch(`http://127.0.0.1:${port}/users/1`)).text();
  const text = await (await fetch(metrics)).text();
  assert.equal(count(text, { http_route: '/users/:id', http_response_status_code: '200' }), 1, text);
  running.child.kill('SIGKILL');
  await running.ended;
  assert.doesNotMatch(running.output.stderr, /internal error|not started|does not contain/);
}

async function testUnmeasured(node: string, app: string, folder: string): Promise<void> {
  const running = start(node, app, { name: 'without the preload', folder, flags: [] });
  const port = await printed(running, 'stdout', /^(\d+)$/m);
  assert.equal((await fetch(`http://127.0.0.1:${port}/users/1`)).status, 200);
  running.child.kill('SIGTERM');
  assert.deepEqual(await running.ended, [null, 'SIGTERM']);
  assert.equal(running.output.stderr, '');
}

async function testTooOld(node: string, app: string, folder: string): Promise<void> {
  const flags = ['--import', 'routemeter/register'];
  const running = start(node, app, { name: 'too old', folder, flags });
  const port = await printed(running, 'stdout', /^(\d+)$/m);
  assert.equal((await fetch(`http://127.0.0.1:${port}/users/1`)).status, 200);
  running.child.kill('SIGTERM');
  assert.deepEqual(await running.ended, [null, 'SIGTERM']);
  assertOneLine(running.output.stderr, /^routemeter: Node\.js \S+ is too old/);
}

function start(node: string, app: string, { folder, flags, nodeOptions, env }: Case): Running {
  const child = spawn(node, [...flags, app], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      ...(nodeOptions !== undefined && { NODE_OPTIONS: nodeOptions }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MILLIS,
    killSignal: 'SIGKILL',
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  return { child, output, ended: once(child, 'close') };
}

/** @returns what the pattern's first group captures, as soon as the process has printed it */
async function printed(
  { child, output, ended }: Running,
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
): Promise<string> {
  for (;;) {
    const found = pattern.exec(output[stream])?.[1];
    if (found !== undefined) return found;
    if (child.exitCode !== null || child.signalCode !== null) {
      assert.fail(
        `ended (${child.exitCode ?? child.signalCode}) before ${stream} had ${pattern}:\n${output.stderr}`,
      );
    }
    await Promise.race([once(child[stream], 'data'), ended]);
  }
}

function assertOneLine(stderr: string, line: RegExp): void {
  assert.match(stderr, line);
  assert.equal(stderr.trimEnd().split('\n').length, 1, `one line is expected on stderr:\n${stderr}`);
}

/** The requests counted in the one series that has all these labels. */
function count(text: string, labels: Readonly<Record<string, string>>): number | undefined {
  const series = text
    .split('\n')
    .filter((line) => line.startsWith('http_server_request_duration_seconds_count{'))
    .filter((line) => Object.entries(labels).every(([name, value]) => line.includes(`${name}="${value}"`)));
  assert.ok(series.length <= 1, series.join('\n'));
  return series[0] === undefined ? undefined : Number(series[0].split(' ').at(-1));
}

function install(name: string, packages: readonly string[]): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true }));
  for (const [file, source] of Object.entries({ ...APPS, ...COUNTING_APPS })) {
    writeFileSync(join(folder, file), source);
  }
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: folder,
    // npm chooses versions by the Node.js that it runs on, which is to be this one.
    env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return folder;
}

/** @returns how many files were read */
function checkNoMachinePath(folder: string): number {
  const traces = [repository, `${homedir()}/`, '/home/', '/Users/'];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const text = readFileSync(path, 'utf8');
    for (const trace of traces) assert.ok(!text.includes(trace), `${path} has ${trace}`);
  }
  return files.length;
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  return major < 22 || (major === 22 && minor < 15);
}

function developmentVersion(name: string): string {
  const text = readFileSync(join(repository, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
  const version = devDependencies[name];
  assert.ok(version !== undefined, `${name} is not a devDependency`);
  return version;
}
