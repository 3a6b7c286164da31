// FASTIFY names the packages, which have a server each: fastify, fastify4 or fastify40.
for (const name of (process.env.FASTIFY ?? 'fastify').split(' ')) {
  const { default: Fastify } = await import(name);
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
}
