import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { samples } from '../../app-process.ts';
import { until } from '../../until.ts';
import { TestedGroup } from './tested-group.ts';

const bound = process.platform === 'linux' ? { timeout: 60_000 } : { skip: 'not known at once who lives' };

const jobs = (exposition: string): number =>
  Object.values(samples(exposition, 'jobs_total')).reduce((a, b) => a + b, 0);

/** The serving process, and a program that it has for a member. */
async function beside(program: string, args: readonly string[] = []) {
  const group = await TestedGroup.create();
  const serving = await group.start();
  return { group, serving, app: group.launch(program, { args }) };
}

async function counted(group: TestedGroup, expected: number): Promise<void> {
  const text = async (): Promise<string> => (await fetch(group.endpoint)).text();
  await until(async () => {
    assert.equal(jobs(await text()), expected);
    return true;
  });
}

const COUNT = `
  import { count } from 'routemeter';
  import { metrics } from '@opentelemetry/api';
  const counter = metrics.getMeter('shop').createCounter('jobs');
`;

describe('what is recorded is served', () => {
  const programs: readonly (readonly [name: string, program: string, jobs: number])[] = [
    [
      'while the process computes right after it, from its first turn on',
      `${COUNT} for (let i = 0; i < 10; i++) { counter.add(1); count('jobs'); }
       console.log('computes');
       for (;;);`,
      20,
    ],
    [
      'while the process computes right after it, later',
      `${COUNT} counter.add(1);
       setTimeout(() => { for (let i = 0; i < 9; i++) counter.add(1); console.log('computes'); for (;;); }, 1200);`,
      10,
    ],
  ];
  for (const [name, program, expected] of programs) {
    test(`${name}, and stays when it is killed`, bound, async () => {
      const { group, app } = await beside(program);
      await app.line('stdout', /^computes$/);
      await counted(group, expected);
      await app.end('SIGKILL');
      await group.scrapeUntil(({ retired }) => retired === 1);
      await counted(group, expected);
    });
  }

  test(
    'though a thread waits for messages without turning its event loop, as worker pools do',
    bound,
    async () => {
      const { group, app } = await beside('group-threads.mjs');
      await app.line('stdout', /^done$/);
      await counted(group, 2000);
    },
  );
});

test(
  'of two instruments of one name the first is served, also where the second one is written before it',
  bound,
  async () => {
    const { group, app } = await beside(`
    import { metrics } from '@opentelemetry/api';
    metrics.getMeter('b').createObservableGauge('depth', { description: 'first' }).addCallback((r) => r.observe(1));
    metrics.getMeter('a').createHistogram('depth', { description: 'second' }).record(2);
    console.log('recorded');
    setTimeout(() => {}, 60_000);`);
    await app.line('stdout', /^recorded$/);
    const served = await group.scrapeUntil(({ families }) => families.get('depth')?.samples.length === 1);
    assert.equal(served.families.get('depth')?.help, 'first');
    await app.end('SIGKILL');
  },
);

describe('nothing is lost when a process ends', () => {
  const programs: readonly (readonly [name: string, program: string, jobs: number])[] = [
    ['in the turn in which it counts', `${COUNT} count('jobs'); counter.add(1); process.exit(0);`, 2],
    [
      "by process.exit, with 'exit' listeners that count, before and after ours",
      `${COUNT} process.on('exit', () => count('jobs'));
       counter.add(1);
       setTimeout(() => {
         process.on('exit', () => { count('jobs', 5); counter.add(1); });
         counter.add(1);
         process.exit(0);
       }, 200);`,
      9,
    ],
    [
      'by process.exit once its server has closed, and in a request whose code has counted',
      `${COUNT} import http from 'node:http';
       process.on('exit', () => count('jobs'));
       const server = http.createServer((req, res) => {
         count('jobs');
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
    [
      'by an exception that nobody catches',
      `${COUNT} counter.add(1);
       setTimeout(() => { counter.add(1); throw new Error('a defect'); }, 200);`,
      2,
    ],
  ];
  for (const [name, program, expected] of programs) {
    test(name, bound, async () => {
      const { group, app } = await beside(program);
      await app.ended;
      await group.scrapeUntil(({ members, retired }) => members === 1 && retired > 0);
      await counted(group, expected);
    });
  }

  test('and that of a thread of it by process.exit in that thread', bound, async () => {
    const { group, app } = await beside('group-threads.mjs', ['exit']);
    await app.ended;
    await group.scrapeUntil(({ members, retired }) => members === 1 && retired > 0);
    await counted(group, 3);
  });
});
