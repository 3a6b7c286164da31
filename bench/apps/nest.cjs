/**
 * NestJS: a middleware, a guard and a controller at a path with a parameter, decorated by calls as the compiler of
 * TypeScript would write them. Arguments: what measures it, an interceptor with a metric of `nestjs-prometheus` or
 * `nothing`; the platform, `express` or `fastify`.
 */
require('reflect-metadata');
const { Controller, Get, Module, Param } = require('@nestjs/common');
const { APP_GUARD, NestFactory } = require('@nestjs/core');
const serve = require('./serve.cjs');

const [, , measuredBy, platform] = process.argv;

/** @param route the path of the method's route */
function get({ prototype }, method, route, ...parameters) {
  for (const [index, name] of parameters.entries()) Param(name)(prototype, method, index);
  Get(route)(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));
}

class Posts {
  all(user) {
    return { user, posts: [1, 2, 3] };
  }
  one(user, post) {
    return { user, post, title: 'Notes' };
  }
}
get(Posts, 'all', 'posts', 'user');
get(Posts, 'one', 'posts/:post', 'user', 'post');
Controller('users/:user')(Posts);

class Health {
  check() {
    return { ok: true };
  }
}
get(Health, 'check', 'health');
Controller()(Health);

class Everybody {
  canActivate(context) {
    return !context.switchToHttp().getRequest().url.startsWith('/internal');
  }
}

async function start() {
  const measured =
    measuredBy === 'nestjs-prometheus'
      ? require('./nest-prometheus.cjs')
      : { imports: [], providers: [], routes: undefined };
  class App {}
  Module({
    imports: measured.imports,
    controllers: [Posts, Health],
    providers: [{ provide: APP_GUARD, useClass: Everybody }, ...measured.providers],
  })(App);

  const adapters = platform === 'fastify' ? [new (require('@nestjs/platform-fastify').FastifyAdapter)()] : [];
  const app = await NestFactory.create(App, ...adapters, { logger: ['error', 'warn'], abortOnError: false });
  app.use((_request, response, next) => {
    response.setHeader('x-request-id', '0123456789abcdef');
    next();
  });
  await app.listen(0, '127.0.0.1');
  serve(app.getHttpServer(), { routes: measured.routes });
}

start();
