import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LONG } from '../../../length.ts';
import fc from '../../../property.ts';
import { loadExpress, measureExpress, ok, wrap } from './copies.ts';

const declared = new Set([
  '/users/:user',
  '/users/:user/posts',
  '/users/:user/posts/:post',
  '/users/:user/posts/:post/v:version',
  '/o/:org/r/:repo/x-:x',
  '/either/:a/leaf/:leaf',
  '/or/:b/:c/leaf/:leaf',
  '/top/:id',
]);

const segment = fc.oneof(
  fc.constantFrom(...'users posts o r either or leaf top v x- :user * . -'.split(' '), ''),
  fc.constantFrom(...'%2F %20a %61 %zz %E0%A4%A USERS Posts routemeter'.split(' ')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map(encodeURIComponent),
  fc.uuid(),
  fc.nat().map(String),
);
const shapes = [
  ['users', 1],
  ['users', 1, 'posts'],
  ['users', 1, 'posts', 1],
  ['users', 1, 'posts', 1, 'v'],
  ['o', 1, 'r', 1, 'x-'],
  ['either', 1, 'leaf', 1],
  ['or', 1, 1, 'leaf', 1],
  ['top', 1],
  [1, 1, 1],
] as const;
/** A path in one of the declared shapes, with any values; `v` and `x-` begin a segment that goes on with one. */
const path = fc
  .tuple(fc.constantFrom(...shapes), fc.array(segment, { minLength: 6, maxLength: 6 }))
  .map(([shape, values]) =>
    shape
      .map((part, i) => {
        const value = values[i] ?? '';
        if (part === 1) return `/${value}`;
        return part === 'v' || part === 'x-' ? `/${part}${value}` : `/${part}`;
      })
      .join(''),
  );

const measured = measureExpress();

describe('values in paths', () => {
  for (const name of ['express', 'express51', 'express4']) {
    it(`never appear in a route, which is a declared pattern or none, with ${name}`, async () => {
      const express = loadExpress(name);
      const posts = express.Router().get('/', ok).get('/:post', ok).get('/:post/v:version', ok);
      const users = express.Router().get('/', ok).use('/posts', posts);
      const app = express()
        .set('env', 'test')
        .use('/users/:user', users)
        .use('/o/:org/r/:repo', express.Router().get('/x-:x', ok))
        .use(['/either/:a', '/or/:b/:c'], express.Router().get('/leaf/:leaf', ok))
        .get('/top/:id', ok);
      const site = await measured.serve(wrap(app));
      const met = new Set<string>();
      await fc.assert(
        fc.asyncProperty(path, async (asked) => {
          const { route, status } = await site.ask(asked);
          if (route !== undefined) met.add(route);
          assert.equal(route !== undefined, status === 200, `${asked}: ${status} ${route}`);
          assert.ok(route === undefined || declared.has(route), `${asked}: ${route}`);
        }),
        { numRuns: LONG ? 2000 : 400 },
      );
      assert.deepEqual(
        [...declared].filter((each) => !met.has(each)),
        [],
      );
    });
  }
});
