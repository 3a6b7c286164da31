module.exports.routes = {
  'GET /users/:id': { action: 'users/find-one' },
  'POST /users': (_req, res) => res.status(201).json({ made: true }),
  'GET /broken/:id': () => {
    throw new Error('broken');
  },
  '/files/*': (req, res) => res.send(req.path),
};
