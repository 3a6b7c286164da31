import router from '@adonisjs/core/services/router';
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
router
  .resource(
    'photos',
    class {
      index = ok;
      show = ok;
    },
  )
  .only(['index', 'show']);
