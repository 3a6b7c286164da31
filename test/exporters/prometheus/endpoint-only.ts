// Opens an endpoint, scrapes it, and leaves it behind with a connection that says nothing.
import { once } from 'node:events';
import { connect } from 'node:net';
import { createEndpoint } from '../../../src/exporters/prometheus/endpoint.ts';
import { FORMATS } from '../../../src/exporters/prometheus/formats/index.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { NOTHING } from './metrics.ts';

const log = createLog('info', (line) => process.stdout.write(line));
const endpoint = createEndpoint({
  host: '127.0.0.1',
  port: 0,
  collect: async () => NOTHING,
  formats: FORMATS,
  log,
  guard: createGuard(log),
});
const error = await endpoint.listen();
if (error !== undefined) throw error;
const { url } = endpoint;
const { status } = await fetch(url);
// Node ends an idle connection after a minute at the earliest, long after the test gives up.
const idle = connect(Number(new URL(url).port), '127.0.0.1');
await once(endpoint.server, 'connection');
idle.unref();
console.log(`scraped ${status}`);
