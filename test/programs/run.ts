/**
 * Starts programs that others have written, without and with the preload, and compares.
 *
 *   npm run test:apps [-- name ...]
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ports.ts';
import { comparable, reports } from './comparable.ts';
import { countsOf, expectedCounts, total, withoutRoutes } from './counts.ts';
import { programs } from './index.ts';
import { killAllAt } from './processes.ts';
import type { Place, Program } from './program.ts';
import { makeProject } from './project.ts';
import { type Session, session } from './session.ts';

const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));
mkdirSync(new URL('../../.cache/programs', import.meta.url), { recursive: true });
/** Without symbolic links, by which bundlers would take a file for two. */
const CACHE = realpathSync(new URL('../../.cache/programs', import.meta.url));

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !programs.some((program) => program.name === name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${programs.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

// Two at a time, for most of the time one waits: for a registry, or for a program.
describe('programs', { concurrency: 2 }, () => {
  for (const program of programs) {
    if (asked.length === 0 || asked.includes(program.name)) describeProgram(program);
  }
});

function describeProgram(program: Program): void {
  const { name, is, exchanges, processes = 1 } = program;

  describe(`${name}, ${is}`, () => {
    const home = mkdtempSync('/tmp/program-');
    const project = join(CACHE, name);
    let without: Session;
    let measured: Session;

    before(async () => {
      await makeProject(project, program);
      const port = await freePort();
      const place: Place = { port, base: `http://127.0.0.1:${port}`, home, project };
      const metricsPort = await freePort();
      const requests = exchanges.length + total(program.alsoCounted ?? {});
      without = await session(program, place, metricsPort);
      measured = await session(program, place, metricsPort, {
        register: REGISTER,
        complete: (metrics) => total(countsOf(metrics)) >= requests,
      });
    });
    after(() => {
      killAllAt(home);
      rmSync(home, { recursive: true, force: true });
    });

    it('answers, prints and ends as without the preload, and leaves the same files', () => {
      assert.deepEqual(comparable(measured, program), comparable(without, program));
    });

    it(`reports in one line of each process that it is measured`, () => {
      assert.deepEqual([reports(without), reports(measured)], [0, processes]);
    });

    it('answers as the table says', () => {
      assert.deepEqual(
        measured.answers.map(({ status }) => status),
        exchanges.map(([, status]) => status),
      );
    });

    it('counts each request once', () => {
      assert.deepEqual(
        withoutRoutes(countsOf(measured.metrics)),
        withoutRoutes(expectedCounts(program, measured.answers)),
      );
    });

    it('counts it under the route that one would write by hand', () => {
      assert.deepEqual(countsOf(measured.metrics), expectedCounts(program, measured.answers));
    });
  });
}
