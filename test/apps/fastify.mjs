// FASTIFY names the package: fastify, fastify4 or fastify40.
const { default: Fastify } = await import(process.env.FASTIFY ?? 'fastify');

const app = Fastify();
app.get('/', async () => 'home');
app.register(
  async (users) => {
    users.get('/:user/posts/:post', async (request) => request.params);
    users.get('/gone/:user', (_request, reply) => reply.callNotFound());
    users.get('/fails', async () => {
      throw new Error('on purpose');
    });
  },
  { prefix: '/users' },
);
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
