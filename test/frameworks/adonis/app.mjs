import { createServer } from 'node:http';
import { Emitter } from '@adonisjs/core/events';
import { AppFactory } from '@adonisjs/core/factories/app';
import { EncryptionFactory } from '@adonisjs/core/factories/encryption';
import { LoggerFactory } from '@adonisjs/core/factories/logger';
import { defineConfig, Server } from '@adonisjs/http-server';
import { meet } from '../meet.mjs';

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

class Denied {
  handle({ request, response }, next) {
    return request.url().startsWith('/denied/') ? response.unauthorized('denied') : next();
  }
}

const app = new AppFactory().create(new URL('./', import.meta.url));
await app.init();
const encryption = new EncryptionFactory().create();
const logger = new LoggerFactory().create();
const adonis = new Server(app, encryption, new Emitter(app), logger, defineConfig({}));
adonis.use([async () => ({ default: Denied })]);
const router = adonis.getRouter();
router.get('/', ok);
router.get('/health', ok);
router.get('/users/:id', ok);
router.get('/files/*', ok);
router.get('/denied/:id', ok);
router.get('/throws/:id', fail);
router.get('/meets/:id', meets);
router
  .group(() => {
    router.get('/items/:item', ok);
    router.get('/throws/:id', fail);
    router.get('/rejects/:id', failLater);
    router.get('/meets/:id', meets);
    router.get('/optional/:id?', ok);
  })
  .prefix('/tenants/:tenant');
router.get('/photos/:id', ok);
await adonis.boot();
const server = createServer(adonis.handle.bind(adonis));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
