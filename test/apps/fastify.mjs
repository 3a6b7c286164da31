import Fastify from 'fastify';

const app = Fastify();
app.get('/', async () => 'home');
app.register(
  async (users) => {
    users.get('/:user/posts/:post', async (request) => request.params);
    users.get('/fails', async () => {
      throw new Error('on purpose');
    });
  },
  { prefix: '/users' },
);
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
