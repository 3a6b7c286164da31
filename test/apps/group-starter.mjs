// Starts members of a group: node group-starter.mjs <cluster | cluster-threads | fork | threads> <how many>
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const [starter, count] = process.argv.slice(2);
const APP = new URL('group-app.mjs', import.meta.url);
const times = (start) => Array.from({ length: Number(count) }, start);

if (cluster.isWorker) {
  if (starter === 'cluster-threads') new Worker(APP);
  await import(APP);
} else if (starter.startsWith('cluster')) {
  times(() => cluster.fork());
} else if (starter === 'fork') {
  times(() => fork(fileURLToPath(APP)));
} else {
  const threads = times(() => new Worker(APP));
  process.on('message', (action) => {
    if (action === 'terminate') threads.at(-1).terminate();
  });
  await import(APP);
}
if (process.connected && !cluster.isWorker) process.once('disconnect', () => process.exit(0));
