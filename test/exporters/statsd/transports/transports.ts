import assert from 'node:assert/strict';
import type { StatsdConfig } from '../../../../src/config/config.ts';
import type { StatsdAddress, StatsdDialect } from '../../../../src/config/types.ts';
import type {
  Outcome,
  Transport,
  TransportOptions,
} from '../../../../src/exporters/statsd/transports/transport.ts';
import { createGuard } from '../../../../src/guest/guard.ts';
import { createLog } from '../../../../src/guest/log.ts';
import { describe } from '../../../../src/guest/text.ts';

export function statsdConfig(address: StatsdAddress, dialect: StatsdDialect = 'etsy'): StatsdConfig {
  return {
    kind: 'statsd',
    address,
    dialect,
    prefix: '',
    packetSize: 1432,
    intervalMillis: 10_000,
    nameOrder: [],
  };
}

export interface Recorded extends TransportOptions {
  /** What the failures said, in their order. */
  readonly failures: readonly string[];
  lost: number;
}

export function recorded(): Recorded {
  const failures: string[] = [];
  const options: Recorded = {
    failures,
    lost: 0,
    guard: createGuard(createLog('error', (line) => failures.push(line))),
    onFailure: (error) => failures.push(describe(error)),
    onLost: (packets) => {
      options.lost += packets;
    },
  };
  return options;
}

/** Sends a line as one payload. */
export const sendLine = (transport: Transport, line: string): Promise<Outcome> =>
  transport.send(Buffer.from(`${line}\n`));

/** Sends each line until it is not held; `onHeld` changes something meanwhile. */
export async function sendAll(
  transport: Transport,
  lines: readonly string[],
  onHeld: (line: string) => Promise<unknown> = async (line) => assert.fail(`${line} was held`),
): Promise<void> {
  for (const line of lines) {
    let outcome = await sendLine(transport, line);
    for (; outcome === 'held'; outcome = await sendLine(transport, line)) await onHeld(line);
    assert.equal(outcome, 'accepted', line);
  }
}

/** Different from each other, each a whole line. */
export const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `requests.${from + index}:1|c`);

/** A clock that a test puts forward. */
export function createClock(): { readonly now: () => number; forward(millis: number): void } {
  let time = 0;
  return {
    now: () => time,
    forward(millis) {
      time += millis;
    },
  };
}
