import type { Program } from '../program.ts';

const query = (text: string) => ({ send: 'POST /', json: { query: text } });

export const apollo: Program = {
  name: 'apollo',
  is: 'the standalone server of its tutorial, which has no routes and handles SIGTERM',
  packages: { '@apollo/server': '5.5.1', graphql: '16.15.0' },
  sources: new URL('project', import.meta.url),
  directory: 'project',
  command: () => ['node', 'index.mjs'],
  env: ({ port }) => ({ PORT: String(port) }),
  varying: [[/(nonce[-=]"?)[\da-f]{64}/g, '$1<nonce>']],
  exchanges: [
    [query('{ books { title author } }'), 200, undefined],
    [query('{ broken }'), 200, undefined],
    [query('{ unknown }'), 400, undefined],
    ['GET /?query=%7B__typename%7D', 400, undefined],
    [
      { send: 'GET /?query=%7B__typename%7D', headers: { 'apollo-require-preflight': 'true' } },
      200,
      undefined,
    ],
    [{ send: 'GET /', headers: { accept: 'text/html' } }, 200, undefined],
    ['OPTIONS /', 204, undefined],
    ['PUT /', 400, undefined],
  ],
};
