// Parts of requests that keep the thread busy for a known time, which is sent when a message asks for it.
import http from 'node:http';
import { setTimeout as later } from 'node:timers/promises';
import { metered, time } from 'routemeter';

/** Milliseconds by name. */
const burnt = {};
const burn = (...names) => {
  const start = performance.now();
  while (performance.now() - start < 2);
  const millis = performance.now() - start;
  for (const name of names) burnt[name] = (burnt[name] ?? 0) + millis;
};

const both = async (name) => {
  burn(name);
  await later(3);
  burn(name);
  await Promise.all([later(1), null]);
  burn(name);
};

const places = {
  parallel: () => Promise.all(['left', 'right'].map((name) => time(name, () => both(name)))),
  nested: () =>
    time('outer', async () => {
      burn('outer');
      await time('inner', async () => {
        burn('outer', 'inner');
        await later(1);
        burn('outer', 'inner');
      });
      burn('outer');
    }),
  // A block has all that its request does meanwhile.
  block: async () => {
    burn('around');
    const beside = (async () => {
      await later(2);
      burn('block');
    })();
    const block = time('block');
    burn('block');
    await beside;
    block.stop();
    burn('around');
  },
  metered: async () => {
    metered(() => burn('sync'), 'sync')();
    for (const _ of metered(function* steps() {
      burn('steps');
      yield 1;
      burn('steps');
    })()) {
      burn('consumers');
    }
    for await (const _ of metered(async function* rows() {
      burn('rows');
      await later(1);
      burn('rows');
      yield 1;
      burn('rows');
    })()) {
      burn('consumers');
    }
  },
  failing: () =>
    time('failing', async () => {
      burn('failing');
      await later(1);
      burn('failing');
      throw new Error('no');
    }).catch(() => burn('caught')),
  waiting: () => time('waiting', () => later(300)),
};

const server = http.createServer(async (request, response) => {
  await places[request.url.slice(1)]();
  response.end();
});
process.on('message', () => process.send(burnt));
server.listen(0, '127.0.0.1', async () => {
  // Outside of requests.
  await time('alone', () => both('alone'));
  time('blockAlone').stop();
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
