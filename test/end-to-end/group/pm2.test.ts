import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { appPath, REGISTER } from '../../app-process.ts';
import { LONG } from '../../length.ts';
import { freePort } from '../../ports.ts';
import { until } from '../../until.ts';
import { send } from './load.ts';
import { watchTotals } from './monotonic.ts';
import { bound, LISTENS, type Listener, listenerOf, MEASURES, TestedGroup } from './tested-group.ts';

const COMMAND = createRequire(import.meta.url).resolve('pm2/bin/pm2');
const INSTANCES = 2;

/** A daemon of its own, which ends with the test. */
class Pm2 {
  readonly #home = mkdtempSync('/tmp/pm2-');
  readonly #out = join(this.#home, 'out.log');
  /** In cluster mode the daemon's log has what is not written by the app itself. */
  readonly #errors = ['error.log', 'pm2.log'].map((name) => join(this.#home, name));

  constructor(t: TestContext) {
    t.after(async () => {
      await this.run('kill');
      rmSync(this.#home, { recursive: true, force: true });
    });
  }

  async run(...args: string[]): Promise<void> {
    await promisify(execFile)(process.execPath, [COMMAND, ...args], {
      env: {
        PATH: process.env.PATH,
        HOME: this.#home,
        PM2_HOME: this.#home,
        PM2_DISCRETE_MODE: 'true',
        PM2_DISABLE_VERSION_CHECK: 'true',
      },
    });
  }

  async start(mode: 'cluster' | 'fork', env: Readonly<Record<string, string>>): Promise<void> {
    const file = join(this.#home, 'ecosystem.config.json');
    const app = {
      name: 'shop',
      script: appPath('group-app.mjs'),
      exec_mode: mode,
      instances: INSTANCES,
      node_args: `--import ${import.meta.resolve(REGISTER)}`,
      out_file: this.#out,
      error_file: this.#errors[0],
      merge_logs: true,
      env,
    };
    writeFileSync(file, JSON.stringify({ apps: [app] }));
    await this.run('start', file);
  }

  /** Those that were started from this one on. */
  async listeners(from = 0): Promise<Listener[]> {
    const all = (): RegExpMatchArray[] => matches([this.#out], LISTENS);
    await until('all listen', () => all().length === from + INSTANCES);
    return all().slice(from).map(listenerOf);
  }

  async lines(count: number): Promise<RegExpMatchArray[]> {
    const all = (): RegExpMatchArray[] => matches(this.#errors, MEASURES);
    await until('all say where they are measured', () => all().length === count);
    return all();
  }
}

function matches(files: readonly string[], pattern: RegExp): RegExpMatchArray[] {
  const lines = files
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return lines.map((line) => line.match(pattern)).filter((match) => match !== null);
}

describe('one scrape shows what clients have counted, through pm2 reload', () => {
  // In fork mode pm2 does what other tests do with processes, so that the long run alone has it.
  for (const mode of LONG ? (['cluster', 'fork'] as const) : (['cluster'] as const)) {
    test(`in ${mode} mode`, bound, async (t) => {
      const group = await TestedGroup.create();
      const pm2 = new Pm2(t);
      await pm2.start(mode, { ...group.env, PORT: String(mode === 'cluster' ? await freePort() : 0) });
      const exact = async (from: number): Promise<void> => {
        const answered = new Set<string>();
        const urls = new Set((await pm2.listeners(from)).map(({ url }) => url));
        for (let round = 0; answered.size < INSTANCES && round < 50; round++) {
          for (const url of urls) {
            for (const member of await send(url, group.tally, { busy: 2 })) answered.add(member);
          }
        }
        assert.equal(answered.size, INSTANCES, 'each has answered');
        await group.exact({ members: INSTANCES, fresh: INSTANCES, retired: from });
      };
      const old = await pm2.listeners();
      await exact(0);
      const watch = watchTotals(group.endpoint, () => []);
      if (mode === 'cluster') await pm2.run('reload', 'shop');
      // In fork mode it ends one without waiting for the one before to listen again.
      for (let i = 0; mode === 'fork' && i < INSTANCES; i++) {
        await pm2.run('reload', String(i));
        await group.scrapeUntil({ members: INSTANCES, retired: i + 1 });
      }
      await pm2.listeners(INSTANCES);
      await group.scrapeUntil({ retired: INSTANCES });
      await watch.end();
      assert.equal(watch.failure, undefined);
      for (const { pid } of old) group.tally.forget(pid);
      await exact(INSTANCES);

      const lines = await pm2.lines(2 * INSTANCES);
      assert.deepEqual(new Set(lines.map(([, endpoint]) => endpoint)), new Set([group.endpoint]));
      assert.equal(
        lines.slice(0, INSTANCES).filter(([, , pid]) => pid === undefined).length,
        1,
        'one serves',
      );
    });
  }
});
