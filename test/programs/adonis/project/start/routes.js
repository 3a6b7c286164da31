import router from '@adonisjs/core/services/router';

const PostsController = () => import('../app/controllers/posts_controller.js');

router.get('/', () => ({ hello: 'world' }));
router
  .group(() => {
    router.resource('posts', PostsController).apiOnly();
    router.get('users/:user/files/*', ({ params }) => params);
  })
  .prefix('/api/v1');
