// A thread that counts: `pool` waits for messages as worker pools do, and never turns its event loop; `exit` calls
// process.exit in the thread, and counts once more in the process. The counter has the name of what it does.
import { once } from 'node:events';
import {
  isMainThread,
  MessageChannel,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { metrics } from '@opentelemetry/api';

const counter = metrics.getMeter('shop').createCounter(process.argv[2]);
const argv = process.argv.slice(2);
const TASKS = 2000;

async function waitForTasks({ port, signal }) {
  for (let seen = 0; ; ) {
    Atomics.wait(signal, 0, seen);
    seen = Atomics.load(signal, 0);
    while (receiveMessageOnPort(port) !== undefined) {
      await (async () => counter.add(1))();
      Atomics.add(signal, 1, 1);
    }
  }
}

if (!isMainThread) {
  if (workerData === undefined) {
    counter.add(1);
    setTimeout(() => {
      counter.add(1);
      process.exit(0);
    }, 200);
  } else {
    parentPort.postMessage('ready');
    queueMicrotask(() => waitForTasks(workerData));
  }
} else if (process.argv[2] === 'exit') {
  const worker = new Worker(new URL(import.meta.url), { argv });
  worker.on('exit', () => {
    counter.add(1);
    process.exit(0);
  });
} else {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), {
    argv,
    workerData: { port: port2, signal },
    transferList: [port2],
  });
  await once(worker, 'message');
  for (let i = 0; i < TASKS; i++) port1.postMessage(i);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
  while (Atomics.load(signal, 1) < TASKS) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log('done');
}
