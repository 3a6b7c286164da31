// Counts and times from everywhere in a request, by a route for each place.
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs';
import { PassThrough, pipeline, Readable } from 'node:stream';
import express from 'express';
import { count, metered, observe, route, tag, time } from 'routemeter';

const app = express();
const later = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const deep = async () => {
  await later(1);
  count('place');
};
/** Outlives the requests that use it. */
const bus = new EventEmitter();

/** Each counts one `place`; `data`, `lines` and `piped` count one for each packet of the body. */
const places = {
  handler: () => count('place'),
  await: async () => {
    await null;
    await deep();
  },
  timer: () => new Promise((resolve) => setTimeout(() => resolve(count('place')), 2)),
  interval: () =>
    new Promise((resolve) => {
      const timer = setInterval(() => {
        clearInterval(timer);
        resolve(count('place'));
      }, 1);
    }),
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
  data: async (req, res) => {
    req.on('data', (chunk) => {
      count('place');
      res.write(chunk);
    });
    await once(req, 'end');
  },
  lines: async (req, res) => {
    for await (const chunk of req) {
      count('place');
      res.write(chunk);
    }
  },
  piped: (req, res) =>
    new Promise((resolve) => {
      const through = new PassThrough();
      through.on('data', (chunk) => {
        count('place');
        res.write(chunk);
      });
      pipeline(req, through, resolve);
    }),
  end: async (req) => {
    req.resume();
    await new Promise((resolve) => req.on('end', () => resolve(count('place'))));
  },
  drain: async (_req, res) => {
    while (res.write(Buffer.alloc(1 << 20)));
    await new Promise((resolve) => res.once('drain', () => resolve(count('place'))));
  },
  finish: (_req, res) => void res.on('finish', () => count('place')),
  close: (_req, res) => void res.on('close', () => count('place')),
  after: (_req, res) => void res.on('close', () => setTimeout(() => count('place'), 5)),
};
for (const [name, run] of Object.entries(places)) {
  app.all(`/places/${name}/:id`, async (req, res) => {
    await run(req, res);
    res.end();
  });
}
app.get('/aborted/:id', (req, res) => {
  res.write('begun');
  for (const event of ['aborted', 'error', 'close']) req.on(event, () => count('place'));
  res.on('close', () => count('place'));
});

app.get('/calls', async (_req, res) => {
  count('user.signup');
  count('items.sold', 3);
  count('items.sold', 0.5);
  observe('cart.size', 2, { unit: '{item}' });
  observe('cart.size', 4);
  observe('reply.size', 512, { unit: 'By' });
  time('template', () => 1);
  await time('db.query', () => later(1));
  const timer = time('checkout');
  timer.stop();
  timer.stop();
  time('left.open');
  res.end();
});

const doubled = metered(function doubled(value) {
  return value * this.factor;
});
const steps = metered(function* steps() {
  yield 1;
  yield 2;
});
const rows = metered(async function* rows() {
  await later(1);
  yield 'a';
  yield 'b';
}, 'db.rows');
app.get(
  '/metered',
  metered(async function showMetered(_req, res) {
    const all = [doubled.call({ factor: 2 }, 21), ...steps()];
    for await (const row of rows()) all.push(row);
    res.json(all);
  }),
);

class Teapot extends Error {}
app.get('/failing', async (_req, res) => {
  const fail = (error) => () => {
    throw error;
  };
  await time('failing', async () => fail(new TypeError('no'))()).catch(() => {});
  try {
    time('failing', fail(new Teapot()));
  } catch {}
  time('failing').stop('text');
  res.end();
});

app.get('/tags/:plan', (req, res) => {
  count('tagged');
  tag('plan', req.params.plan);
  tag('color', 'red');
  count('tagged');
  res.end();
});

count('started');
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
/** Counts two, and one for each packet and each end. */
server.on('upgrade', async (_req, socket) => {
  socket.on('data', (chunk) => {
    count('place');
    socket.write(chunk);
  });
  socket.on('end', () => socket.end(count('place')));
  socket.on('close', () => count('place'));
  socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  count('place');
  await later(1);
  count('place');
  route('/upgraded/:id');
});
