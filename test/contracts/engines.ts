/**
 * How every engine goes through a contract. An engine that is added to `src/instruments/http/engines.ts` needs a row
 * here: the cases that it does not keep, each with the reason. An exception that does not deviate fails.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpEngine } from '../../src/config/types.ts';
import { startEngine } from '../../src/instruments/http/engines.ts';
import type { StartEngine } from '../instruments/http/measured.ts';

export type Contract =
  | 'the status that the client got'
  | 'requests'
  | 'requests over HTTP/2'
  | 'pipelined requests'
  | 'what Node.js rejects'
  | 'a collection'
  | 'streams'
  | 'upgrades'
  | 'details'
  | 'what handlers throw'
  | 'connections that a server is given'
  | 'the URL that came in';

type Exceptions = { readonly [contract in Contract]?: Readonly<Record<string, string>> };

const ENGINES: Readonly<Record<HttpEngine, Exceptions>> = { lean: {}, otel: {} };

export const engines: readonly (readonly [name: string, start: StartEngine, exceptions: Exceptions])[] =
  Object.entries(ENGINES).map(([name, exceptions]) => [
    name,
    (options) => startEngine(name as HttpEngine, options),
    exceptions,
  ]);

/** Whether an engine keeps all cases of a contract. */
export function keeps(engine: HttpEngine, contract: Contract): boolean {
  return Object.keys(ENGINES[engine][contract] ?? {}).length === 0;
}

export type Cases = Readonly<Record<string, (start: StartEngine) => Promise<void>>>;

/** Takes every engine through the cases of a contract. */
export function engineContract(contract: Contract, cases: Cases): void {
  for (const [name, start, { [contract]: exceptions = {} }] of engines) {
    describe(`${contract}, by the ${name} engine:`, () => {
      for (const [what, check] of Object.entries(cases)) {
        const why = exceptions[what];
        if (why === undefined) it(what, () => check(start));
        else it(`${what}: excepted, since ${why}`, () => assert.rejects(check(start), 'no exception'));
      }
      const unknown = Object.keys(exceptions).filter((what) => !(what in cases));
      assert.deepEqual(unknown, [], `exceptions of ${name} to no case`);
    });
  }
}
