import { H3, serve } from 'h3';
import { route } from 'routemeter';

const app = new H3({ silent: true });
app.use(async (event, next) => {
  try {
    return await next();
  } finally {
    route(event.context.matchedRoute?.route);
  }
});
app.get('/users/:id', () => 'ok');
app.get('/throws/:id', () => {
  throw new Error('thrown');
});
const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true });
server.ready().then(() => console.log(server.url));
