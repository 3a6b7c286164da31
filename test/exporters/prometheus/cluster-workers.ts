// Two workers open the same endpoint, one after the other; each prints what became of it.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createEndpoint } from '../../../src/exporters/prometheus/endpoint.ts';
import { FORMATS } from '../../../src/exporters/prometheus/formats/index.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { freePort } from '../../ports.ts';
import { NOTHING } from './metrics.ts';

if (cluster.isPrimary) {
  const port = await freePort();
  const workers = [];
  for (const name of ['first', 'second']) {
    const worker = cluster.fork({ NAME: name, PORT: port });
    workers.push(worker);
    await once(worker, 'message');
  }
  for (const worker of workers) worker.kill();
} else {
  const log = createLog('info', () => {});
  const endpoint = createEndpoint({
    host: '127.0.0.1',
    port: Number(process.env.PORT),
    collect: async () => NOTHING,
    formats: FORMATS,
    log,
    guard: createGuard(log),
  });
  const error = await endpoint.listen();
  console.log(`${process.env.NAME} ${error === undefined ? 'bound' : error.code}`);
  process.send?.('done');
}
