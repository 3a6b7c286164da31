import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { samples } from '../../app-process.ts';
import { until } from '../../until.ts';
import { bound, TestedGroup } from './tested-group.ts';

const onLinux = process.platform === 'linux' ? bound : { skip: 'not known at once who lives' };

/** Each counts with `counter` and `count`, under a name of its own. */
type Programs = Readonly<Record<string, readonly [program: string, jobs: number]>>;

async function start(programs: Programs) {
  const group = await TestedGroup.create();
  await group.start();
  const apps = Object.entries(programs).map(([name, [program]]) =>
    group.launch(
      program.includes('\n')
        ? `import { count as countAs } from 'routemeter';
           import { metrics } from '@opentelemetry/api';
           const counter = metrics.getMeter('shop').createCounter('${name}');
           const count = (n = 1) => countAs('${name}', n);
           ${program}`
        : program,
      { args: [name] },
    ),
  );
  return { group, apps, served: () => served(group, programs) };
}

/** Waits until every program's jobs are served. */
async function served(group: TestedGroup, programs: Programs): Promise<void> {
  const expected = Object.fromEntries(Object.entries(programs).map(([name, [, jobs]]) => [name, jobs]));
  await until('all jobs are served', async () => {
    const text = await (await fetch(group.endpoint)).text();
    const counts = Object.keys(programs).map((name) => [
      name,
      Object.values(samples(text, `${name}_total`)).reduce((a, b) => a + b, 0),
    ]);
    assert.deepEqual(Object.fromEntries(counts), expected);
    return true;
  });
}

describe('a measurement is served', onLinux, () => {
  test('while the process computes, or waits for messages as worker pools do, and stays when it is killed', async () => {
    const { group, apps, served } = await start({
      first: [
        `for (let i = 0; i < 10; i++) { counter.add(1); count(); }
         console.log('computes');
         for (;;);`,
        20,
      ],
      later: [
        `counter.add(1);
         setTimeout(() => { for (let i = 0; i < 9; i++) counter.add(1); console.log('computes'); for (;;); }, 1200);`,
        10,
      ],
      // A thread of it never turns its event loop.
      pool: ['group-threads.mjs', 2000],
    });
    await Promise.all(apps.map((app) => app.line('stdout', /^(computes|done)$/)));
    await served();
    await Promise.all(apps.map((app) => app.end('SIGKILL')));
    await group.scrapeUntil({ members: 1, retired: apps.length + 1 });
    await served();
  });

  test('from the first of two instruments of one name, even if the second is written before it', async () => {
    const group = await TestedGroup.create();
    await group.start();
    const app = group.launch(`
    import { metrics } from '@opentelemetry/api';
    metrics.getMeter('b').createObservableGauge('depth', { description: 'first' }).addCallback((r) => r.observe(1));
    metrics.getMeter('a').createHistogram('depth', { description: 'second' }).record(2);
    console.log('recorded');
    setTimeout(() => {}, 60_000);`);
    await app.line('stdout', /^recorded$/);
    const seen = await group.scrapeUntil(({ families }) => families.get('depth')?.samples.length === 1);
    assert.equal(seen.families.get('depth')?.help, 'first');
  });
});

test('nothing is lost when a process ends', onLinux, async () => {
  const { group, apps, served } = await start({
    in_the_turn_in_which_it_counts: [`count();\n counter.add(1); process.exit(0);`, 2],
    with_exit_listeners_that_count: [
      `process.on('exit', () => count());
       counter.add(1);
       setTimeout(() => {
         process.on('exit', () => { count(5); counter.add(1); });
         counter.add(1);
         process.exit(0);
       }, 200);`,
      9,
    ],
    in_a_request_once_its_server_has_closed: [
      `import http from 'node:http';
       process.on('exit', () => count());
       const server = http.createServer((req, res) => {
         count();
         if (req.url === '/exit') process.exit(0);
         res.end();
       });
       server.listen(0, '127.0.0.1', async () => {
         const url = 'http://127.0.0.1:' + server.address().port;
         for (let i = 0; i < 5; i++) await (await fetch(url, { headers: { connection: 'close' } })).text();
         fetch(url + '/exit').catch(() => {});
       });`,
      7,
    ],
    by_an_exception_that_nobody_catches: [
      `counter.add(1);
       setTimeout(() => { counter.add(1); throw new Error('a defect'); }, 200);`,
      2,
    ],
    exit: ['group-threads.mjs', 3],
  });
  await Promise.all(apps.map(({ ended }) => ended));
  await group.scrapeUntil(({ members, retired }) => members === 1 && retired >= apps.length);
  await served();
});
