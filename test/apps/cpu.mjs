// Requests of known load. Each route, `/<kind>/<number>`, is requested once and keeps the thread busy in the places that
// its kind names. A message asks for how long that was, by the same clock.
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { exec, execSync } from 'node:child_process';
import domain from 'node:domain';
import { EventEmitter, EventEmitterAsyncResource, on, once } from 'node:events';
import { readFile } from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import { PassThrough, pipeline, Readable, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { parentPort, Worker } from 'node:worker_threads';
import { gzip } from 'node:zlib';
import express from 'express';

const { NUMBER, OWN_HOOK } = process.env;

/** Milliseconds by route; `outside` is work outside of requests, or after their end. */
const burnt = { outside: 0 };
/** Keeps the thread busy until the clock has advanced. */
const burn = (route, millis) => {
  const start = performance.now();
  let now = start;
  while (now - start < millis) now = performance.now();
  burnt[route] = (burnt[route] ?? 0) + now - start;
};
/** Runs other work, and takes its length from the clock. */
const timed = (route, work) => {
  const start = performance.now();
  work();
  burnt[route] = (burnt[route] ?? 0) + performance.now() - start;
};

const later = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const promised = (begin) => new Promise((resolve, reject) => begin(resolve, reject));

/** Burns in what is scheduled, and in what that schedules. */
const twice = (schedule) => (burn) =>
  promised((resolve) =>
    schedule(() => {
      burn();
      schedule(() => resolve(burn()));
    }),
  );
/** Burns at each piece of a stream and at its end. */
const toEnd = (stream, burn) =>
  promised((resolve) => {
    stream.on('data', burn);
    stream.on('end', () => resolve(burn()));
  });

/** Lives longer than any request. */
const bus = new EventEmitter();
const storage = new AsyncLocalStorage();
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
/** Like a database driver's: calls back from whatever the thread is doing when an answer arrives. */
const pool = [];
setInterval(() => {
  burn('outside', 0.3);
  for (const callback of pool.splice(0, 3)) callback();
  burn('outside', 0.2);
}, 2).unref();
const queries = (callback) => void pool.push(AsyncResource.bind(callback));
const snapshots = (callback) => {
  const run = AsyncLocalStorage.snapshot();
  pool.push(() => run(callback));
};
const bound = (callback) => void pool.push(AsyncLocalStorage.bind(callback));

class Lazy {
  #work;
  constructor(work) {
    this.#work = work;
  }
  // biome-ignore lint/suspicious/noThenProperty: a thenable is under test
  then(resolve) {
    this.#work();
    resolve();
  }
}

async function* numbers(burn) {
  for (let i = 0; i < 3; i++) {
    burn();
    await later(1);
    yield i;
    burn();
  }
}

const worker = new Worker(
  `const { parentPort } = require('node:worker_threads');
   parentPort.on('message', (id) => {
     const start = performance.now();
     while (performance.now() - start < 20);
     parentPort.postMessage(id);
   });`,
  { eval: true },
);
worker.unref();

/** Each burns time in the places that it is named after. */
const kinds = {
  handler: (burn) => burn(),
  wait: () => later(100),
  blocked: (_burn, { timed }) => timed(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)),
  child: async (_burn, { timed }) => {
    timed(() => execSync('true'));
    await promisify(exec)('true');
  },
  promises: async (burn) => {
    for (let i = 0; i < 3; i++) {
      await null;
      burn();
      await later(i);
      burn();
    }
  },
  chained: (burn) => Promise.resolve().then(burn).then(burn).finally(burn),
  parallel: (burn) =>
    Promise.all(
      [1, 2, 3].map(async (millis) => {
        burn();
        await later(millis);
        burn();
      }),
    ),
  thenable: async (burn) => {
    await new Lazy(burn);
    burn();
  },
  timers: (burn) =>
    promised((resolve) => {
      const interval = setInterval(burn, 1);
      setTimeout(() => {
        burn();
        clearInterval(interval);
        resolve();
      }, 10);
    }),
  immediates: twice(setImmediate),
  ticks: twice(process.nextTick),
  microtasks: twice(queueMicrotask),
  files: async (burn) => {
    await promised((resolve) => readFile('/dev/null', () => resolve(burn())));
    const file = await open('/dev/null');
    burn();
    await file.close();
    burn();
  },
  streams: (burn) =>
    promised((resolve) =>
      pipeline(
        Readable.from(['a', 'b']),
        new Transform({
          transform(chunk, _encoding, callback) {
            burn();
            setTimeout(callback, 1, null, chunk);
          },
        }),
        async function* (source) {
          for await (const chunk of source) {
            burn();
            yield chunk;
          }
        },
        async (source) => {
          for await (const _ of source) burn();
        },
        () => resolve(burn()),
      ),
    ),
  zlib: (burn) => promised((resolve) => gzip(Buffer.alloc(1e6), () => resolve(burn()))),
  generators: async (burn) => {
    for await (const _ of numbers(burn)) burn();
  },
  emitters: async (burn, { route }) => {
    bus.once(route, burn);
    await later(1);
    bus.emit(route);
    const own = new EventEmitter();
    setTimeout(() => own.emit('event'), 1);
    await once(own, 'event');
    burn();
    setTimeout(() => own.emit('event'), 1);
    for await (const _ of on(own, 'event')) break;
    burn();
  },
  // Emitted by other code, in the emitter's own context.
  emitterResources: (burn) =>
    promised((resolve) => {
      const own = new EventEmitterAsyncResource({ name: 'own' });
      own.on('event', () => resolve(burn()));
      bus.once('tick', () => own.emit('event'));
      burn();
    }),
  scopes: (burn) => {
    const outer = new AsyncResource('outer');
    outer.runInAsyncScope(() => {
      burn();
      new AsyncResource('inner').runInAsyncScope(burn);
      burn();
    });
    burn();
  },
  pools: (burn) =>
    promised((resolve) =>
      queries(() => {
        burn();
        snapshots(() => {
          burn();
          bound(() => resolve(burn()));
        });
      }),
    ),
  storages: async (burn) => {
    storage.enterWith({});
    burn();
    await storage.run({}, async () => {
      burn();
      await later(1);
      burn();
      storage.exit(() => {
        burn();
        setImmediate(burn);
      });
    });
    await promised(setImmediate);
    burn();
  },
  domains: (burn) =>
    promised((resolve) => {
      const guarded = domain.create();
      guarded.on('error', () => resolve(burn()));
      guarded.run(() =>
        setTimeout(() => {
          burn();
          new AsyncResource('scope').runInAsyncScope(() => {
            throw new Error('in a domain');
          });
        }, 1),
      );
    }),
  // Thrown, and caught by the process's handlers, which keep the thread busy as well.
  thrown: async (burn) => {
    const nested = (work) => () =>
      new AsyncResource('outer').runInAsyncScope(() => new AsyncResource('inner').runInAsyncScope(work));
    const fails = [];
    const fail = () => {
      const { promise, resolve } = Promise.withResolvers();
      fails.push(promise);
      return () => {
        burn();
        resolve();
        throw new Error('swallowed');
      };
    };
    setTimeout(nested(fail()), 1);
    setImmediate(fail());
    process.nextTick(nested(fail()));
    queueMicrotask(fail());
    readFile('/dev/null', nested(fail()));
    Promise.resolve().then(fail());
    void later(2).then(nested(fail()));
    await Promise.all(fails);
    await later(1);
    burn();
  },
  body: async (burn, { request }) => {
    for await (const _ of request) burn();
    burn();
  },
  bodyEvents: (burn, { request }) => toEnd(request, burn),
  bodyPiped: (burn, { request }) => toEnd(request.pipe(new PassThrough()), burn),
  // Over connections that other requests have opened.
  outgoing: (burn, { origin }) =>
    promised((resolve, reject) => {
      const outgoing = http.get(`${origin}/upstream`, { agent }, (response) => {
        burn();
        resolve(toEnd(response, burn));
      });
      outgoing.on('socket', burn).on('error', reject);
    }),
  fetch: async (burn, { origin }) => {
    const response = await fetch(`${origin}/upstream`);
    burn();
    for await (const _ of response.body) burn();
    burn();
  },
  threads: (burn, { route }) =>
    promised((resolve) => {
      const listen = (id) => {
        if (id !== route) return;
        worker.off('message', bound);
        resolve(burn());
      };
      // A worker's messages belong to no request.
      const bound = AsyncResource.bind(listen);
      worker.on('message', bound);
      worker.postMessage(route);
    }),
  // Work after the end belongs to no request.
  after: (_burn, { response }) =>
    void response.on('close', () => {
      burn('outside', 3);
      setTimeout(() => burn('outside', 3), 1);
    }),
};
setInterval(() => bus.emit('tick'), 3).unref();
bus.setMaxListeners(0);
worker.setMaxListeners(0);

const swallow = () => burn('handlers', 0.5);
process.on('uncaughtException', swallow);
process.on('unhandledRejection', swallow);

if (OWN_HOOK) {
  let resources = 0;
  const own = createHook({
    init: () => void resources++,
    before: () => void resources++,
    after: () => void resources--,
    destroy: () => void resources--,
  });
  let enabled = false;
  setInterval(() => {
    enabled = !enabled;
    if (enabled) own.enable();
    else own.disable();
  }, 1).unref();
}

const app = express();
app.get('/upstream', async (_request, response) => {
  response.write('a');
  await later(2);
  response.end('b');
});
for (const [kind, run] of Object.entries(kinds)) {
  for (let number = 0; number < Number(NUMBER); number++) {
    const route = `/${kind}/${number}`;
    burnt[route] = 0;
    const own = () => burn(route, 0.1 + number * 0.1);
    app.all(route, async (request, response) => {
      const origin = `http://127.0.0.1:${server.address().port}`;
      await run(own, { route, request, response, origin, timed: (work) => timed(route, work) });
      response.send('ok');
    });
  }
}

/** An error that a handler throws passes through the HTTP parser. */
const throwAtOnce = (request, response) => {
  burnt[request.url] = 0;
  setTimeout(() => {
    burn(request.url, 1);
    response.end('ok');
  }, 3);
  burn(request.url, 1);
  throw new Error('swallowed');
};
const server = http.createServer((request, response) =>
  request.url.startsWith('/thrown-at-once/') ? throwAtOnce(request, response) : app(request, response),
);
let before;
// `active` is the time that the event loop has not waited: the thread cannot have been busy for longer.
const load = () => ({ burnt, active: performance.eventLoopUtilization(before).active });
if (parentPort) parentPort.on('message', () => parentPort.postMessage(load()));
else process.on('message', () => process.send(load()));
server.listen(0, '127.0.0.1', () => {
  setImmediate(() => {
    before = performance.eventLoopUtilization();
    burnt.outside = 0;
    console.log(`http://127.0.0.1:${server.address().port}/`);
  });
});
