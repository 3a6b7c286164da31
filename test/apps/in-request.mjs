// Counts and times from everywhere in a request. Each route answers with what its name says.
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import express from 'express';
import { count, metered, observe, tag, time } from 'routemeter';

const app = express();
const later = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const deep = async () => {
  await later(1);
  count('deep');
};
/** Lives longer than the requests that use it. */
const bus = new EventEmitter();

class Teapot extends Error {}
const doubled = metered(function doubled(value) {
  return value * this.factor;
});
const steps = metered(function* steps() {
  count('step');
  yield 1;
  count('step');
  yield 2;
});
const rows = metered(async function* rows() {
  await later(1);
  yield 'a';
  await later(1);
  count('row');
  yield 'b';
}, 'db.rows');

const places = {
  handler: () => count('place'),
  await: async () => {
    await null;
    await deep();
    count('place');
  },
  timer: () => new Promise((resolve) => setTimeout(() => resolve(count('place')), 2)),
  immediate: () => new Promise((resolve) => setImmediate(() => resolve(count('place')))),
  tick: () => new Promise((resolve) => process.nextTick(() => resolve(count('place')))),
  microtask: () => new Promise((resolve) => queueMicrotask(() => resolve(count('place')))),
  callback: () => new Promise((resolve) => readFile('/dev/null', () => resolve(count('place')))),
  stream: () =>
    new Promise((resolve) =>
      pipeline(
        Readable.from(['a']),
        async function* (source) {
          for await (const chunk of source) {
            count('place');
            yield chunk;
          }
        },
        async (source) => {
          for await (const _ of source);
        },
        resolve,
      ),
    ),
  emitter: (req) => {
    bus.once(req.url, () => count('place'));
    bus.emit(req.url);
  },
  body: async (req) => {
    req.on('data', () => count('place'));
    await once(req, 'end');
  },
  bodyLate: async (req) => {
    req.on('data', () => count('place'));
    await new Promise((resolve) => req.on('end', resolve));
  },
  end: (req) => {
    req.on('end', () => count('place'));
    req.resume();
  },
  finish: (_req, res) => void res.on('finish', () => count('place')),
  close: (_req, res) => void res.on('close', () => count('place')),
  after: (_req, res) => void res.on('close', () => setTimeout(() => count('place'), 5)),
};
for (const [name, run] of Object.entries(places)) {
  app.all(`/places/${name}/:id`, async (req, res) => {
    await run(req, res);
    res.send('ok');
  });
}

app.get('/calls', async (_req, res) => {
  count('signup');
  count('sold', 3);
  count('sold', 0.5);
  observe('cart.size', 2, { unit: '{item}' });
  observe('cart.size', 4);
  time('sync', () => 1);
  await time('async', () => later(1));
  const timer = time('stopped');
  timer.stop();
  timer.stop();
  {
    const block = time('block');
    block[Symbol.dispose]();
  }
  time('thrown', () => {
    throw new Teapot();
  }).catch?.(() => {});
});
app.get('/metered', async (_req, res) => {
  const sum = doubled.call({ factor: 2 }, 21);
  const all = [...steps()];
  for await (const row of rows()) all.push(row);
  res.json([sum, ...all]);
});
app.get('/failing', async (_req, res) => {
  await time('failing', async () => {
    throw new TypeError('no');
  }).catch(() => {});
  try {
    time('failing', () => {
      throw new Teapot();
    });
  } catch {}
  time('failing').stop('text');
  time('failing').stop(null);
  res.send('ok');
});
app.get('/tags/:plan', (req, res) => {
  count('tagged');
  tag('plan', req.params.plan);
  tag('unknown', 'x');
  res.send('ok');
});
app.get('/aborted/:id', (_req, res) => {
  count('place');
  res.on('close', () => count('place'));
});
app.use((_error, _req, res, _next) => res.status(500).send('failed'));

count('started');
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
