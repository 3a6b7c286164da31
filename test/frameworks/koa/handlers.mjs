import { meet } from '../meet.mjs';

export const ok = (ctx) => {
  ctx.body = 'ok';
};
export const fail = () => {
  throw new Error('thrown');
};
export const failLater = async () => {
  await null;
  fail();
};
export const meets = async (ctx) => {
  await meet();
  ctx.body = 'ok';
};
export const pass = (_ctx, next) => next();

export const guard = (ctx, next) => (ctx.path.startsWith('/denied/') ? ctx.throw(401) : next());
export const guardDoors = (ctx, next) => (ctx.path.endsWith('/door') ? ctx.throw(401) : next());

export function listen(app) {
  app.silent = true;
  const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
}
