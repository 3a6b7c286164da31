/**
 * A program that does nothing but send, without waiting for what becomes of its first line:
 * `node transport-app.ts '<StatsdAddress as JSON>' [addresses]`, with the IPv4 addresses, joined by commas, that a
 * name stands for.
 *
 * Once nothing keeps it alive it prints `idle` and sends 100 lines more while it holds itself, as a flush does. It then
 * prints what became of each line, and must end with its socket open.
 */
import type { StatsdAddress } from '../../../../src/config/types.ts';
import { createWay, numbered, sendLine } from './transports.ts';

const address = JSON.parse(process.argv[2] ?? '') as StatsdAddress;
const addresses = process.argv[3]?.split(',').map((literal) => ({ address: literal, family: 4 }));
const { transport } = createWay({ address }, addresses && { lookup: async () => addresses });

const first = sendLine(transport, 'first:1|c');
process.once('beforeExit', async () => {
  const hold = setTimeout(() => {}, 60_000);
  console.log('idle');
  console.log(await first);
  for (const line of numbered(100)) console.log(await sendLine(transport, line));
  clearTimeout(hold);
});
