import type { Program } from './program.ts';

export const nest: Program = {
  name: 'nest',
  is: 'the starter that its command line makes, with a resource',
  packages: {
    '@nestjs/cli': '12.0.8',
    '@nestjs/schematics': '12.0.6',
    '@nestjs/common': '12.5.1',
    '@nestjs/core': '12.5.1',
    '@nestjs/mapped-types': '12.0.0',
    '@nestjs/platform-express': '12.5.1',
    '@types/express': '5.0.6',
    '@types/node': '24.19.2',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
    typescript: '6.0.3',
    vitest: '4.1.9',
  },
  build: [
    ['nest', 'new', 'app', '--skip-git', '--skip-install', '--package-manager', 'npm'],
    // Without it, the next command would install whatever is newest.
    ['npm', 'pkg', 'set', '--prefix', 'app', 'dependencies.@nestjs/mapped-types=*'],
    ['sh', '-c', 'cd app && nest generate resource cats --type rest --crud --no-spec'],
    ['sh', '-c', 'cd app && nest build'],
  ],
  directory: 'project',
  command: () => ['node', 'app/dist/main.js'],
  env: ({ port }) => ({ PORT: String(port), NO_COLOR: 'true' }),
  varying: [[/\[Nest\] \d+ {2}- \d\d\/\d\d\/\d{4}, \d+:\d\d:\d\d [AP]M/g, '[Nest] <pid>  - <time>']],
  exchanges: [
    ['GET /', 200, '/'],
    ['GET /cats', 200, '/cats'],
    ['GET /cats/1', 200, '/cats/:id'],
    ['HEAD /cats/2', 200, '/cats/:id'],
    [{ send: 'POST /cats', json: { name: 'Tom' } }, 201, '/cats'],
    [{ send: 'PATCH /cats/1', json: { name: 'Tim' } }, 200, '/cats/:id'],
    ['DELETE /cats/1', 200, '/cats/:id'],
    [{ send: 'POST /cats', text: '{', headers: { 'content-type': 'application/json' } }, 400, undefined],
    ['PUT /cats/1', 404, undefined],
    ['GET /dogs', 404, undefined],
  ],
};
