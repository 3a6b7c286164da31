import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { servers, tableOf } from '../../bench/frameworks.ts';
import { type App, BENCH, firstLine, startApp } from '../../bench/processes.ts';
import { servers as requests } from '../../bench/requests.ts';
import { total } from '../../bench/route-counts.ts';
import { MODULES, writeModules } from '../../bench/startup-modules.ts';
import { summarize } from '../../bench/statistics.ts';
import { costsNothing } from '../../bench/targets.ts';
import { NOTHING, rotated, type Series } from '../../bench/turns.ts';
import { OURS, scrapedRoutes, WITH_SOURCES, WITHOUT_SOURCES } from '../../bench/variants.ts';
import { AppProcess } from '../app-process.ts';

function series(name: string, samples: number[], rest: Partial<Series> = {}): Series {
  const routes = name === NOTHING ? {} : { routes: async () => ({}) };
  return { variant: { name, ...routes }, samples, counts: [], failure: undefined, ...rest };
}

function rowsOf(...all: Series[]): readonly (readonly string[])[] {
  const server = { name: 'Koa', script: '', paths: [], variants: [] };
  return tableOf([{ server, all }]).rows;
}

describe('the table of frameworks', () => {
  it('shows what each variant adds, and that it has counted all under their routes', () => {
    const counts = [{ sent: 10, counted: 10, right: 10 }];
    assert.deepEqual(rowsOf(series(NOTHING, [20, 30]), series(OURS, [22, 33], { counts })), [
      ['Koa', NOTHING, '25.0 (22.5 to 27.5)', '', '', '', ''],
      ['Koa', OURS, '27.5 (24.8 to 30.3)', '+2.5 (+2.3 to +2.8)', '+2.1', 'all', 'all'],
    ]);
  });

  it('shows the first round in which requests are missing, or are not under their routes', () => {
    const counts = [
      { sent: 10, counted: 10, right: 10 },
      { sent: 10, counted: 9, right: 4 },
    ];
    const [, row] = rowsOf(series(NOTHING, [20]), series(OURS, [22], { counts }));
    assert.deepEqual(row?.slice(-2), ['**9 of 10**', '**4 of 10**']);
  });

  it('names the variant that failed, and why', () => {
    const [, row] = rowsOf(series(NOTHING, [20]), series(OURS, [], { failure: 'it ended with code 1' }));
    assert.deepEqual(row?.slice(0, 3), ['Koa', OURS, 'not measured: it ended with code 1']);
  });

  it('shows no differences to a server that failed', () => {
    const [, row] = rowsOf(series(NOTHING, [], { failure: 'it ended' }), series(OURS, [22]));
    assert.deepEqual(row?.slice(3, 5), ['', '']);
  });
});

describe('the rounds', () => {
  it('begin with each variant as often as with any other', () => {
    const orders = [1, 2, 3, 4].map((round) => rotated(['a', 'b', 'c'], round).join(''));
    assert.deepEqual(orders, ['abc', 'bca', 'cab', 'abc']);
  });
});

describe('what is to cost nothing', () => {
  const DIFFERENCES: readonly (readonly [values: readonly number[], reached: boolean])[] = [
    [[-1, 0, 1], true],
    [[-3, -2, -1], true],
    [[1, 2, 3], false],
  ];
  for (const [values, reached] of DIFFERENCES) {
    it(`${reached ? 'does' : 'does not'} at differences of ${values.join(', ')}`, () => {
      assert.equal(costsNothing('', summarize(values)).reached, reached);
    });
  }

  it('is not known where it was not measured', () => {
    assert.equal(costsNothing('', undefined).reached, undefined);
  });
});

/** Express and Fastify are there for other tests too; the rest only where a benchmark has run. */
const INSTALLED = existsSync(join(BENCH, 'node_modules/.package-lock.json'));

async function startIfInstalled(start: Parameters<typeof startApp>[0]): Promise<App | undefined> {
  try {
    return await startApp(start);
  } catch (error) {
    if (INSTALLED || !/Cannot find (?:module|package)/.test(String(error))) throw error;
    return undefined;
  }
}

/** Each app that is loaded over HTTP/1, once with nothing and once by hand, where that is compared. */
const APPS = [...servers(), ...requests()]
  .filter(({ load }) => load === undefined)
  .flatMap(({ variants, ...app }) =>
    variants
      .filter(({ name }) => name === NOTHING || name.endsWith(' by hand'))
      .map((variant) => ({ ...app, variant })),
  );

describe('the apps of the benchmark', () => {
  for (const { name, script, paths, variant } of APPS) {
    it(`answer each path with a length: ${name}, ${variant.name}`, async (test) => {
      const app = await startIfInstalled({ ...variant, script });
      if (app === undefined) {
        test.skip('bench/node_modules does not have it');
        return;
      }
      try {
        const port = await app.ask('port');
        for (const path of paths) {
          const response = await fetch(`http://127.0.0.1:${port}${path}`);
          const body = await response.arrayBuffer();
          assert.equal(response.status, 200, path);
          assert.equal(response.headers.get('content-length'), String(body.byteLength), path);
        }
        const counted = await (variant.counted?.(app) ?? variant.routes?.(app));
        assert.equal(
          typeof counted === 'object' ? total(counted) : counted,
          variant.name === NOTHING ? undefined : paths.length,
        );
      } finally {
        await app.stop();
      }
    });
  }
});

/** Counts the hooks into the resolution of modules. */
const HOOKS =
  "import module from 'node:module'; const { registerHooks } = module; globalThis.hooks = 0; module.registerHooks = (hooks) => { globalThis.hooks += 1; return registerHooks(hooks); };";

describe('the sources of routes', () => {
  const CASES = [
    { what: 'all', preload: WITH_SOURCES, route: '/users/:user/posts', hooks: '1' },
    { what: 'none', preload: WITHOUT_SOURCES, route: '', hooks: '0' },
  ];
  for (const { what, preload, route, hooks } of CASES) {
    it(`are installed: ${what}`, async () => {
      const app = await startApp({ script: 'express.cjs', ...preload });
      try {
        const response = await fetch(`http://127.0.0.1:${await app.ask('port')}/users/7/posts`);
        await response.arrayBuffer();
        assert.deepEqual(await scrapedRoutes(app), { [route]: 1 });
      } finally {
        await app.stop();
      }
    });

    it(`hook into the resolution of modules ${hooks} times: ${what}`, async () => {
      const app = new AppProcess('\nconsole.log(globalThis.hooks)', {
        flags: ['--import', `data:text/javascript,${HOOKS}`, ...preload.nodeArguments],
        env: preload.env,
        cwd: BENCH,
      });
      const [count] = await app.line('stdout', /^\d+$/);
      assert.equal(count, hooks);
    });
  }
});

describe('the app of many modules', () => {
  it('loads as many as it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'routemeter-modules-'));
    try {
      writeModules(folder);
      const { line } = await firstLine<{ modules: number }>({
        script: 'many-modules.cjs',
        scriptArguments: [folder],
      });
      assert.equal(line.modules, 2 * MODULES);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
