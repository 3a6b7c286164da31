import router from '@adonisjs/core/services/router';
import server from '@adonisjs/core/services/server';

server.errorHandler(() => import('../app/exceptions/handler.js'));
server.use([() => import('../app/middleware/gate.js')]);
router.use([() => import('@adonisjs/core/bodyparser_middleware')]);
