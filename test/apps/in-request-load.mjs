// Answers /a/:n, /b/:n and /c/:n after counting `mixed` n times, with waits in between. FRAMEWORK names the framework.
import { createServer } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import express from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { count, observe, tag, time } from 'routemeter';

const work = async (letter, n) => {
  tag('parity', n % 2 === 0 ? 'even' : 'odd');
  observe('asked', n);
  for (let i = 0; i < n; i++) {
    if (i % 3 === 0) await setTimeout(i % 5);
    else if (i % 3 === 1) await setImmediate();
    await time('step', async () => count('mixed'));
  }
  return letter;
};
const listening = (server) =>
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
const withExpress = (create) => () => {
  const app = create();
  for (const letter of ['a', 'b', 'c']) {
    app.get(`/${letter}/:n`, (req, res, next) => {
      work(letter, Number(req.params.n)).then((text) => res.end(text), next);
    });
  }
  listening(createServer(app));
};

const frameworks = {
  express: withExpress(express),
  express4: withExpress(express4),
  fastify: async () => {
    const app = Fastify();
    for (const letter of ['a', 'b', 'c']) {
      app.get(`/${letter}/:n`, (request) => work(letter, Number(request.params.n)));
    }
    console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
  },
  http: () =>
    listening(
      createServer(async (req, res) => {
        const [, letter, n] = req.url.split('/');
        res.end(await work(letter, Number(n)));
      }),
    ),
};
await frameworks[process.env.FRAMEWORK]();
