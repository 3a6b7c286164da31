// One app made of several copies of Express and called by a plain function, whose routers do what other frameworks do.
import { createServer } from 'node:http';
import five from 'express';
import four from 'express4';
import older from 'express51';

const ok = (_req, res) => res.send('ok');
const again = (req, _res, next) => {
  req.url = req.originalUrl;
  next();
};
const hosted = (req, _res, next) => {
  req.baseUrl = 'http://localhost';
  next();
};

const app = five();
app.use('/api/tenants/:any', (_req, _res, next) => next());
app.use('/api', four.Router().use('/users', five.Router().get('/:id', ok)));
app.use('/api', four.Router().use('/tenants/:tenant', older.Router().get('/leaf', ok)));
// Like connect: a function with a stack, whose layers have a string for a route.
app.use('/connect', Object.assign(ok, { stack: [{ route: '', handle: ok }] }));
app.use('/child', four().get('/:id', ok));
app.use('/whole', four.Router().use(again).get('/whole/:id', ok));
app.use('/hosted', five.Router().use(hosted).get('/hosted/:id', ok));
app.use(
  '/prefixed',
  five
    .Router()
    .get('/cats/:id', ok)
    .all('*path', (_req, res) => res.sendStatus(404)),
);
app.get('/files/*path', ok);
app.get('/checked/:id', (_req, _res, next) => next());
app.all('/{*splat}', ok);

const server = createServer((req, res) => app(req, res)).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
