import type { Program } from './program.ts';

export const peer: Program = {
  name: 'peer',
  is: 'the signalling server of PeerJS, routers of Express below a path that is an option',
  packages: { peer: '1.0.2' },
  directory: 'home',
  command: ({ port }) => [
    'peerjs',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--path',
    '/myapp',
    '--allow_discovery',
  ],
  // It answers with an id that it makes.
  varyingHeaders: ['etag'],
  exchanges: [
    ['GET /myapp/', 200, '/myapp'],
    ['GET /myapp/peerjs/id', 200, '/myapp/:key/id'],
    ['GET /myapp/peerjs/peers', 200, '/myapp/:key/peers'],
    ['HEAD /myapp/peerjs/peers', 200, '/myapp/:key/peers'],
    ['OPTIONS /myapp/peerjs/peers', 204, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
