import type { Declared } from '../../contracts/routes.ts';
import type { Framework, OwnCase, Version } from '../framework.ts';

const onExpress = (version: string, core = version): Version => ({
  packages: packagesOf('express', version, core),
  env: { WILDCARD: 'files/*' },
});
const onExpress5 = (version: string, core = version): Version => ({
  packages: packagesOf('express', version, core),
  env: { WILDCARD: 'files/*path' },
  patterns: { '/files/*': '/files/*path' },
});
const onFastify = (version: string, core = version): Version => ({
  packages: packagesOf('fastify', version, core),
  env: { WILDCARD: 'files/*' },
});

const packagesOf = (platform: string, version: string, core: string): Version['packages'] => ({
  [`@nestjs/platform-${platform}`]: version,
  '@nestjs/core': core,
  '@nestjs/common': core,
  'reflect-metadata': '0.1.14',
  rxjs: '7.8.2',
});

/** Versions are in the path: `/v2`. */
function ownBelow(prefix: string): Readonly<Record<string, OwnCase>> {
  const base = `${prefix}/v2/own`;
  return {
    'a guard that refuses': { ask: `GET ${base}/guarded/1`, status: 403, route: `${base}/guarded/:id` },
    'a pipe that refuses': { ask: `GET ${base}/piped/x`, status: 400, route: `${base}/piped/:id` },
    'an interceptor': { ask: `GET ${base}/intercepted/1`, status: 200, route: `${base}/intercepted/:id` },
    'an exception filter': { ask: `GET ${base}/filtered/1`, status: 418, route: `${base}/filtered/:id` },
    'an HttpException': { ask: `GET ${base}/gone/1`, status: 410, route: `${base}/gone/:id` },
    '@All()': { ask: `DELETE ${base}/any/1`, status: 200, route: `${base}/any/:id` },
    'a path below a version that is not declared': {
      ask: `GET ${base}/nothing/here`,
      status: 404,
      route: 'none',
    },
    'a path below the prefix that is not declared': {
      ask: `GET ${prefix}/nothing`,
      status: 404,
      route: 'none',
    },
    'a preflight': {
      ask: `OPTIONS ${base}/guarded/1`,
      headers: { origin: 'http://localhost', 'access-control-request-method': 'GET' },
      status: 204,
      route: 'none',
    },
  };
}

/** A global prefix, which leaves out the routes of the contract. */
const belowPrefix = (framework: Framework, ...versions: readonly Version[]): Framework => ({
  ...framework,
  name: `${framework.name}, with a global prefix`,
  own: ownBelow('/api/v1'),
  versions: versions.map((version) => ({ ...version, env: { ...version.env, PREFIX: 'api/v1' } })),
});

/** None of them is installed, and Nest asks for each at its start. */
const external = ['@nestjs/microservices*', '@nestjs/websockets*', 'class-transformer*', 'class-validator'];
const lacks: Declared['lacks'] = { 'a regular expression': 'a path is text' };

export const nestExpress: Framework = {
  name: 'NestJS on Express',
  folder: 'nest/express',
  found: 'objects',
  modules: ['esm', 'cjs'],
  lacks,
  external,
  own: ownBelow(''),
  versions: [
    onExpress('9.0.0'),
    onExpress('9.4.3'),
    onExpress('10.0.0'),
    onExpress('10.4.22'),
    onExpress5('11.0.0'),
    onExpress5('11.2.10'),
    onExpress5('12.0.1'),
    onExpress5('12.5.1'),
  ],
};

export const nestExpressPrefix: Framework = belowPrefix(
  nestExpress,
  onExpress('9.4.3'),
  onExpress('10.4.22'),
  onExpress5('11.2.10'),
  {
    ...onExpress5('12.5.1'),
    exceptions: {
      'a method that is not declared': {
        why: 'it declares its 404 for every method of each path that the prefix leaves out',
        route: '/users/:id',
      },
    },
  },
);

export const nestFastify: Framework = {
  name: 'NestJS on Fastify',
  folder: 'nest/fastify',
  found: 'channel',
  modules: ['esm', 'cjs'],
  exceptions: {
    'an answer before the route': {
      why: 'its middleware runs after Fastify has matched the route',
      route: '/denied/:id',
    },
  },
  lacks,
  external: [
    ...external,
    '@nestjs/platform-express',
    '@fastify/multipart',
    '@fastify/static',
    '@fastify/view',
  ],
  own: ownBelow(''),
  versions: [
    onFastify('9.0.0'),
    onFastify('9.4.3'),
    onFastify('10.0.0'),
    onFastify('10.4.22'),
    onFastify('11.0.3'),
    onFastify('11.2.8', '11.2.10'),
    onFastify('12.0.1'),
    onFastify('12.5.0', '12.5.1'),
  ],
};

export const nestFastifyPrefix: Framework = belowPrefix(
  nestFastify,
  onFastify('9.4.3'),
  onFastify('10.4.22'),
  onFastify('11.2.8', '11.2.10'),
  onFastify('12.5.0', '12.5.1'),
);
