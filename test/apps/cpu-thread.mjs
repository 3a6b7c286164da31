// cpu.mjs in a worker thread.
import { Worker } from 'node:worker_threads';

const worker = new Worker(new URL('cpu.mjs', import.meta.url));
process.on('message', (message) => worker.postMessage(message));
worker.on('message', (message) => process.send(message));
