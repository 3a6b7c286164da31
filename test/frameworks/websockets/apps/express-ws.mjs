import express from 'express';
import expressWs from 'express-ws';
import { announce, meetBy } from './rooms.mjs';

const app = express();
const { applyTo } = expressWs(app);
app.ws('/rooms/:room', meetBy);
app.get('/rooms/:room', (_req, res) => res.send('a room'));
const houses = express.Router({ mergeParams: true });
applyTo(houses);
houses.ws('/rooms/:room', meetBy);
houses.ws('/', meetBy);
app.use('/houses/:house', houses);
app.use('/guarded', (_req, _res, next) => next(new Error('no')));
app.ws('/guarded/:id', meetBy);
// Expects four parameters, to be a handler of errors.
app.use((_error, _req, res, _next) => res.status(401).end());
const server = app.listen(0, '127.0.0.1', () => announce(server));
