module.exports = async (fastify) => {
  fastify.get('/:id', async (request) => {
    if (request.params.id === '9') throw fastify.httpErrors.notFound('no such user');
    return { id: request.params.id };
  });

  const body = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  fastify.post('/', { schema: { body } }, async (request, reply) => {
    reply.code(201);
    return request.body;
  });

  fastify.get('/:id/files/*', async (request) => request.params['*']);

  fastify.addHook('onRequest', async (request) => {
    if (request.headers.authorization === 'nobody') throw fastify.httpErrors.unauthorized();
  });
};
