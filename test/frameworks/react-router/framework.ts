import type { Packages } from '../../../scripts/pinned/install.ts';
import type { Framework } from '../framework.ts';

const LISTS = 'it has a pattern for each route';

const packages = (version: string): Packages => ({
  'react-router': version,
  '@react-router/dev': version,
  '@react-router/express': version,
  '@react-router/node': version,
  '@react-router/serve': version,
  express: '5.3.0',
  isbot: '5.1.0',
  react: '19.2.7',
  'react-dom': '19.2.7',
});

export const reactRouter: Framework = {
  name: 'React Router',
  found: 'app',
  folder: 'react-router',
  naming: {
    files: ['app/root.jsx'],
    remark:
      'Version 7.15 or newer as a framework, with react-router-serve or a server of Express; version 7 needs `future: { v8_middleware: true }` in react-router.config.js. Vite leaves the package outside of the build unless `ssr.noExternal` names it: both work.',
  },
  program: {
    build: ['node_modules/.bin/react-router', 'build'],
    starts: {
      'react-router-serve': ['node_modules/.bin/react-router-serve', 'build/server/index.js'],
      'Express with a route for everything': ['server.mjs'],
    },
  },
  exceptions: {
    'an answer before the route': { why: 'its middleware belongs to routes', route: '/denied/:id' },
    'a method that is not declared': { why: 'it answers for the route', route: '/users/:id' },
  },
  lacks: {
    'the first of a list of paths': LISTS,
    'the second of a list of paths': LISTS,
    'a regular expression': LISTS,
  },
  own: {
    'the data of a page': {
      ask: 'GET /tenants/7/rejects/1.data',
      status: 500,
      route: '/tenants/:tenant/rejects/:id',
    },
  },
  versions: [
    { packages: { ...packages('7.15.0'), vite: '7.0.0' }, env: { BUNDLED: 'true', MIDDLEWARE: 'true' } },
    { packages: { ...packages('8.4.0'), vite: '8.4.0' } },
  ],
};
