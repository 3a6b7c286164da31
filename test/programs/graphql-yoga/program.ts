import type { Program, Sent } from '../program.ts';

const query = (text: string, headers: Readonly<Record<string, string>> = {}): Sent => ({
  send: 'POST /graphql',
  json: { query: text },
  headers,
});

/** It has no routes, for all is asked at one path. */
const NONE = undefined;

export const graphqlYoga: Program = {
  name: 'graphql-yoga',
  is: 'the server of its tutorial, with a subscription by server-sent events',
  packages: { 'graphql-yoga': '5.24.1', graphql: '16.15.0' },
  sources: new URL('project', import.meta.url),
  directory: 'project',
  command: () => ['node', 'index.mjs'],
  env: ({ port }) => ({ PORT: String(port) }),
  exchanges: [
    [query('{ hello }'), 200, NONE],
    [query('{ broken }'), 200, NONE],
    [query('{ unknown }'), 200, NONE],
    [
      query('subscription { countdown(from: 2) }', { accept: 'text/event-stream' }),
      200,
      NONE,
      'event_stream',
    ],
    ['GET /graphql?query=%7Bhello%7D', 200, NONE],
    [{ send: 'GET /graphql', headers: { accept: 'text/html' } }, 200, NONE],
    ['OPTIONS /graphql', 204, NONE],
    ['GET /health', 200, NONE],
    ['GET /nothing', 404, NONE],
  ],
};
