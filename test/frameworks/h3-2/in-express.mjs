import express from 'express';
import { H3, toNodeHandler } from 'h3';

const app = new H3()
  .get('/users/:id', () => 'ok')
  .mount('/inner', new H3().get('/users/:id', () => 'ok').fetch);
const server = express()
  .use(
    '/below/:tenant',
    (_request, _response, next) => {
      setImmediate(next);
    },
    toNodeHandler(app),
  )
  .use(toNodeHandler(app))
  .listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
