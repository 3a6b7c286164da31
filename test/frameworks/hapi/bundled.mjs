import Hapi from '@hapi/hapi';
import { route } from 'routemeter';

const server = Hapi.server({ host: '127.0.0.1', port: 0 });
server.ext('onPreResponse', (request, h) => {
  route(request.route.method === '_special' ? null : request.route.path);
  return h.continue;
});
server.route({ method: 'GET', path: '/users/{id}', handler: () => 'ok' });
server.route({
  method: 'GET',
  path: '/throws/{id}',
  handler() {
    throw new Error('thrown');
  },
});
server.start().then(() => console.log(server.info.uri));
