import { createServer } from 'node:http';
import { createApp, createRouter, eventHandler, toNodeListener } from 'h3';
import { route } from 'routemeter';

const name = (event) => route(event.context.matchedRoute?.path);
const app = createApp({ onBeforeResponse: name, onError: (_error, event) => name(event) });
const router = createRouter();
router.get(
  '/users/:id',
  eventHandler(() => 'ok'),
);
router.get(
  '/throws/:id',
  eventHandler(() => {
    throw new Error('thrown');
  }),
);
app.use(router);
const server = createServer(toNodeListener(app)).listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
