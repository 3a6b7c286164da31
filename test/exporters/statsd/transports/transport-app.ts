/**
 * A program that has nothing to do but to send: `node transport-app.ts '<StatsdAddress as JSON>' <when> [addresses]`,
 * with the IPv4 addresses, joined by commas, that a name stands for.
 * - `begin`: sends `first:1|c` without waiting for what becomes of it
 * - `idle`: waits until it is accepted, so that its socket is open and has nothing to do
 * - `end`: also sends `last:1|c` and what follows it when it has nothing else to do, as a flush with a deadline does
 */
import type { StatsdAddress } from '../../../../src/config/types.ts';
import { createStreamTransport } from '../../../../src/exporters/statsd/transports/stream.ts';
import { createUdpTransport } from '../../../../src/exporters/statsd/transports/udp.ts';
import { numbered, recorded, sendLine, statsdConfig } from './transports.ts';

const address = JSON.parse(process.argv[2] ?? '') as StatsdAddress;
const when = process.argv[3];
const addresses = process.argv[4]?.split(',').map((literal) => ({ address: literal, family: 4 }));
const transport =
  address.transport === 'udp'
    ? createUdpTransport(statsdConfig(address), recorded(), addresses && { lookup: async () => addresses })
    : createStreamTransport(
        statsdConfig(address),
        recorded(),
        addresses && {
          lookup: (_host, _options, callback) => process.nextTick(callback, null, addresses),
        },
      );

/** Holds the process while something is done, a minute at most. */
async function holding(work: () => Promise<void>): Promise<void> {
  const deadline = setTimeout(() => {}, 60_000);
  await work();
  clearTimeout(deadline);
}

if (when === 'begin') void sendLine(transport, 'first:1|c');
if (when === 'idle') {
  await holding(async () => {
    console.log(await sendLine(transport, 'first:1|c'));
  });
}
if (when === 'end') {
  process.once('beforeExit', () =>
    holding(async () => {
      for (const line of ['last:1|c', ...numbered(100)]) console.log(await sendLine(transport, line));
    }),
  );
}
