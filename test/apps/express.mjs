// EXPRESS names the versions, which have a server each: express (5.3), express51, express50, express4.
for (const name of (process.env.EXPRESS ?? 'express').split(' ')) {
  const { default: express } = await import(name);
  const app = express();
  app.get('/', (_req, res) => res.send('home'));
  app.get('/users/:id', (req, res) => res.send(req.params.id));
  app.get('/fails', () => {
    throw new Error('on purpose');
  });
  const posts = express.Router({ mergeParams: true });
  posts.get('/:post', (req, res) => res.send(`${req.params.user} ${req.params.post}`));
  app.use('/users/:user/posts', posts);
  app.use((_error, _req, res, _next) => res.status(500).send('failed'));
  const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
}
