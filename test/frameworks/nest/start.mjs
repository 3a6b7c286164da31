import 'reflect-metadata';
import {
  All,
  Catch,
  Controller,
  Get,
  HttpException,
  Module,
  Param,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VersioningType,
} from '@nestjs/common';
import { NestFactory, RouterModule } from '@nestjs/core';
import { meet } from '../meet.mjs';

const { PREFIX, WILDCARD } = process.env;

/** A class whose methods are these, each with its decorators: they are applied by hand, for nothing is compiled here. */
function controller(options, ...methods) {
  class Made {}
  methods.forEach(([handle, ...decorators], i) => {
    const value = (...args) => handle(...args);
    Object.defineProperty(Made.prototype, `method${i}`, { value, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(Made.prototype, `method${i}`);
    for (const decorate of decorators) decorate(Made.prototype, `method${i}`, descriptor);
  });
  Controller(options)(Made);
  return Made;
}

function moduleOf(metadata, members = {}) {
  class Made {}
  Object.assign(Made.prototype, members);
  Module(metadata)(Made);
  return Made;
}

const ok = () => 'ok';
const meets = async () => {
  await meet();
  return 'ok';
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};
const closed = { canActivate: () => false };
const passing = { intercept: (_context, next) => next.handle() };
class Teapot extends Error {}
const filter = {
  catch(_error, host) {
    const response = host.switchToHttp().getResponse();
    (response.code ?? response.status).call(response, 418).send('teapot');
  },
};
class TeapotFilter {}
Object.assign(TeapotFilter.prototype, filter);
Catch(Teapot)(TeapotFilter);
const asNumber = (prototype, name) => Param('id', ParseIntPipe)(prototype, name, 0);

const declared = ['/', 'health', 'users/:id', 'denied/:id', WILDCARD, 'dogs/:id', 'cats/:id'];
const Contract = controller('/', [ok, Get(declared)], [fail, Get('throws/:id')], [meets, Get('meets/:id')]);
const Tenants = controller(
  '/',
  [ok, Get('items/:item')],
  [fail, Get('throws/:id')],
  [failLater, Get('rejects/:id')],
  [meets, Get('meets/:id')],
);
const Own = controller(
  { path: 'own', version: '2' },
  [ok, Get('guarded/:id'), UseGuards(closed)],
  [ok, Get('piped/:id'), asNumber],
  [ok, Get('intercepted/:id'), UseInterceptors(passing)],
  [ok, All('any/:id')],
  [
    () => {
      throw new Teapot();
    },
    Get('filtered/:id'),
    UseFilters(new TeapotFilter()),
  ],
  [
    () => {
      throw new HttpException('gone', 410);
    },
    Get('gone/:id'),
  ],
);

const TenantModule = moduleOf({ controllers: [Tenants] });
const App = moduleOf(
  {
    imports: [TenantModule, RouterModule.register([{ path: 'tenants/:tenant', module: TenantModule }])],
    controllers: [Contract, Own],
  },
  {
    configure(consumer) {
      const deny = (_request, response) => {
        response.statusCode = 401;
        response.end();
      };
      consumer.apply(deny).forRoutes('denied/:id');
    },
  },
);

export async function start(adapter) {
  const app = await NestFactory.create(App, adapter, { logger: false });
  if (PREFIX) {
    const exclude = [...declared, 'throws/:id', 'meets/:id', 'tenants/:tenant/:name/:id'];
    app.setGlobalPrefix(PREFIX, { exclude });
  }
  app.enableVersioning({ type: VersioningType.URI });
  app.enableCors();
  await app.listen(0, '127.0.0.1');
  console.log(await app.getUrl());
}
