import type { Program } from './program.ts';

export const tiddlywiki: Program = {
  name: 'tiddlywiki',
  is: 'a wiki with a router of its own, whose routes are declared by ROUTEMETER_ROUTES',
  packages: { tiddlywiki: '5.4.1' },
  build: [['tiddlywiki', 'wiki', '--init', 'server']],
  directory: 'home',
  command: ({ port, project }) => [
    'tiddlywiki',
    `${project}/wiki`,
    '--listen',
    'host=127.0.0.1',
    `port=${port}`,
  ],
  env: () => ({
    ROUTEMETER_ROUTES: '/status,/recipes/default/tiddlers.json,/recipes/default/tiddlers/:title',
  }),
  exchanges: [
    ['GET /', 200, undefined],
    ['GET /status', 200, '/status'],
    ['GET /recipes/default/tiddlers.json', 200, '/recipes/default/tiddlers.json'],
    ['GET /recipes/default/tiddlers/none', 404, '/recipes/default/tiddlers/:title'],
    ['GET /nothing', 404, undefined],
  ],
};
