// Throws and warns in the routes of Express 4 and 5, and prints the stacks and what the app sees of a request.
const { createServer, get } = require('node:http');

const ask = (port, path) =>
  new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (res) => {
      let body = '';
      res.on('data', (data) => {
        body += data;
      });
      res.on('end', () => resolve(body));
    });
  });

const stack = (error) => error.stack.replaceAll(/file:\/\/|\(|\)/g, '');

function build(name) {
  const express = require(name);
  const fail = () => {
    throw new Error(`thrown in ${name}`);
  };
  const app = express();
  app.set('env', 'test');
  app.use((_req, _res, next) => next());
  app.get('/plain/:id', fail);
  app.get('/seen/:id', (req, res) => {
    const { route, baseUrl } = req;
    res.json({ path: route.path, baseUrl, stack: stack(new Error('seen')) });
  });
  app.get('/rivals/one', fail);
  app.get('/rivals/:id', (_req, _res, next) => next());
  app.all('/rivals/:other', fail);
  const users = express.Router();
  users.get('/later/:id', (_req, _res, next) => setImmediate(() => next(new Error('later'))));
  users.get('/:id', fail);
  app.use('/users/:user', users);
  app.use('/twice', users);
  app.use(
    '/other',
    require(name === 'express' ? 'express4' : 'express')
      .Router()
      .get('/:id', fail),
  );
  app.use('/child', express().get('/:id', fail));
  app.get('/deprecated', (req, res) => {
    if (name === 'express4') res.send(200, 'old');
    else res.redirect(undefined);
    req.socket.destroySoon();
  });
  app.all(name === 'express4' ? '*' : '/{*rest}', fail);
  app.use((error, req, res, _next) => {
    res.status(500).send(`${req.route?.path} ${stack(error)}`);
  });
  return app;
}

(async () => {
  for (const name of ['express', 'express4']) {
    for (const listen of [(app) => app, (app) => (req, res) => app(req, res)]) {
      const server = createServer(listen(build(name))).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const paths = ['/plain/1', '/seen/1', '/rivals/one', '/rivals/2', '/users/1/2', '/users/1/later/2'];
      paths.push('/twice/2', '/other/1', '/child/1', '/none', '/deprecated');
      for (const path of [...paths, ...paths]) {
        console.log(`${name} ${path}: ${await ask(server.address().port, path)}`);
      }
      server.close();
    }
  }
})();
