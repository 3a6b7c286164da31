/** examples/five-workers: what its page shows, shown again in short. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Data, ROUTES } from '../../examples/five-workers/data.ts';
import { draw } from '../../examples/five-workers/graph.ts';
import { ROOT, read } from '../docs/pages.ts';
import { missing } from './needed.ts';

const EXAMPLE = 'examples/five-workers';
const LIMIT_MILLIS = 150_000;

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, EXAMPLE, 'run.ts'), ...args], { timeout: LIMIT_MILLIS });

const parse = (text: string): Data => JSON.parse(text) as Data;

/** How often a value is less than the one before it. */
function falls(values: readonly (number | null)[]): number {
  const there = values.filter((value) => value !== null);
  return there.filter((value, i) => value < (there[i - 1] ?? 0)).length;
}

describe('five workers under a real Prometheus', { skip: missing('prometheus') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'five-workers-'));
  after(() => rmSync(folder, { recursive: true }));
  let data: Data;
  before(async () => {
    // Longer than two scrapes are apart, of which the official half answers each from another worker.
    await run('--seconds', '18', '--folder', folder);
    data = parse(readFileSync(join(folder, 'data.json'), 'utf8'));
  });

  it('the graph is drawn from the data', () =>
    assert.equal(readFileSync(join(folder, 'graph.svg'), 'utf8'), draw(data)));

  for (const route of ROUTES) {
    // Which worker answers is chance: in a short run the answers may happen to rise.
    it(`with the official exporter the counter of ${route} is the counter of one worker`, () => {
      const { scraped, clients } = data.official;
      const most = Math.max(...scraped[route].map((value) => value ?? 0));
      assert.ok(most > 0 && most < (clients[route].at(-1) ?? 0), `${scraped[route]}`);
    });

    it(`with routemeter the counter of ${route} never goes down and ends at what clients counted`, () => {
      const { scraped, clients } = data.routemeter;
      assert.equal(falls(scraped[route]), 0, `${scraped[route]}`);
      // One scrape may be refused, in the moment in which another process takes over.
      const gaps = scraped[route].filter((value) => value === null).length;
      assert.ok(gaps <= data.scrapeIntervalSeconds + 1, `${scraped[route]}`);
      assert.equal(scraped[route].at(-1), clients[route].at(-1));
      assert.ok((scraped[route].at(-1) ?? 0) > (scraped[route][0] ?? 0));
    });
  }

  it('increase() is what clients counted with routemeter, but not with the official exporter', () => {
    assert.equal(data.routemeter.increase, data.routemeter.made);
    assert.notEqual(data.official.increase, data.official.made);
  });
});

describe('the page of five workers', () => {
  const page = read(`${EXAMPLE}/README.md`);
  const data = parse(read(`${EXAMPLE}/data.json`));
  const { official, routemeter } = data;

  for (const route of ROUTES) {
    it(`shows that the counter of ${route} goes down with the official exporter, and not with routemeter`, () => {
      assert.ok(falls(official.scraped[route]) > 0);
      assert.equal(falls(routemeter.scraped[route]), 0);
    });
  }

  it('has the graph of its data', () => assert.equal(read(`${EXAMPLE}/graph.svg`), draw(data)));

  for (const file of ['server.cjs', 'official.cjs']) {
    it(`has the text of ${file}`, () =>
      assert.ok(page.includes(`\`\`\`js\n${read(`${EXAMPLE}/${file}`)}\`\`\``)));
  }

  const number = (value: number): string => value.toLocaleString('en');
  const rows: readonly (readonly [title: string, cell: (half: typeof official) => string])[] = [
    ['Requests that clients made', ({ made }) => number(made)],
    ["The same according to Prometheus' `increase()`", ({ increase }) => number(increase)],
    [
      'Lowest and highest requests per second by `rate()`',
      ({ rate }) => `${rate.lowest} and ${rate.highest}`,
    ],
    ['Requests per second that clients made, on average', ({ made }) => `${Math.round(made / data.seconds)}`],
  ];
  for (const [title, cell] of rows) {
    it(`shows from its data: ${title}`, () => {
      const row = `\n| ${title} | ${cell(official)} | ${cell(routemeter)} |\n`;
      assert.ok(page.includes(row), row);
    });
  }
});

describe('five-workers reports of', () => {
  for (const [flag, value] of [
    ['--seconds', 'many'],
    ['--interval', '0'],
  ] as const) {
    const stderr = `five-workers: ${flag} "${value}" is not a positive number\n`;
    it(`${flag} ${value}`, () => assert.rejects(run(flag, value), { code: 2, stdout: '', stderr }));
  }
});
