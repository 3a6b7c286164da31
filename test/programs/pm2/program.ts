import type { Program } from '../program.ts';

export const pm2: Program = {
  name: 'pm2',
  is: 'a cluster of two processes of a Koa app, in the foreground as containers run it',
  packages: { pm2: '7.0.4', koa: '3.3.0', '@koa/router': '15.7.0' },
  sources: new URL('project', import.meta.url),
  directory: 'project',
  command: () => ['pm2-runtime', 'start', 'app.cjs', '-i', '2'],
  env: ({ port, home }) => ({ PORT: String(port), PM2_HOME: `${home}/pm2` }),
  ready: /listening[\s\S]*listening/,
  processes: 2,
  unordered: true,
  // How often depends on how long the processes take to end.
  varying: [[/.*msg=failed to kill - retrying.*\n/g, '']],
  exchanges: [
    ...Array.from({ length: 10 }, (_, i) => [`GET /api/users/${i}`, 200, '/api/users/:id'] as const),
    ['HEAD /api/users/1', 200, '/api/users/:id'],
    ['POST /api/users', 201, '/api/users'],
    ['DELETE /api/users', 405, undefined],
    ['OPTIONS /api/users', 200, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
