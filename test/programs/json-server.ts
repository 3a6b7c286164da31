import type { Program } from './program.ts';

const DATA = {
  posts: [{ id: 1, title: 'one' }],
  comments: [{ id: 1, body: 'fine', postId: 1 }],
  profile: { name: 'typicode' },
};

export const jsonServer: Program = {
  name: 'json-server',
  is: 'Express 4 routers made from a file, below a prefix each',
  packages: { 'json-server': '0.17.4' },
  files: { 'db.json': JSON.stringify(DATA) },
  directory: 'home',
  command: ({ port }) => ['json-server', '--host', '127.0.0.1', '--port', String(port), 'db.json'],
  logged: (output) => output.includes('GET /nothing/here'),
  exchanges: [
    ['GET /', 200, undefined],
    ['GET /db', 200, '/db'],
    ['GET /posts', 200, '/posts'],
    ['GET /posts?title=one', 200, '/posts'],
    ['GET /posts/1', 200, '/posts/:id'],
    ['HEAD /posts/1', 200, '/posts/:id'],
    ['GET /posts/9', 404, '/posts/:id'],
    [{ send: 'POST /posts', json: { title: 'two' } }, 201, '/posts'],
    [{ send: 'PUT /posts/2', json: { title: 'second' } }, 200, '/posts/:id'],
    [{ send: 'PATCH /posts/2', json: { draft: true } }, 200, '/posts/:id'],
    // Rewritten to /comments?postId=1 by a route that calls next().
    ['GET /posts/1/comments', 200, '/comments'],
    ['DELETE /posts/2', 200, '/posts/:id'],
    ['GET /profile', 200, '/profile'],
    [{ send: 'POST /posts', text: '{', headers: { 'content-type': 'application/json' } }, 400, undefined],
    ['OPTIONS /posts', 204, undefined],
    ['GET /nothing/here/at/all', 404, undefined],
  ],
};
