import type { NextFunction, Request, Response } from 'express';
import { expressRoutes } from '../../../../src/instruments/routes/express/index.ts';
import { describeRoutes } from '../../../contracts/routes.ts';
import { loadExpress, ok } from './copies.ts';

process.env.NODE_ENV = 'test';

for (const name of ['express', 'express51', 'express50', 'express4']) {
  describeRoutes({
    name,
    source: expressRoutes,
    patterns: name === 'express4' ? {} : { '/files/*': '/files/*path' },
    app(meet) {
      const express = loadExpress(name);
      const app = express().use('/denied', (_req, res) => void res.sendStatus(401));
      const fail = (): never => {
        throw new Error('thrown');
      };
      const failLater = async (_req: Request, _res: Response, next: NextFunction): Promise<void> => {
        // Express 4 takes no notice of promises.
        if (name !== 'express4') fail();
        setImmediate(() => next(new Error('later')));
      };
      const meets = async (_req: Request, res: Response): Promise<void> => {
        await meet();
        res.end('ok');
      };
      for (const path of ['/', '/health', '/users/:id', '/denied/:id']) app.get(path, ok);
      app.get(name === 'express4' ? '/files/*' : '/files/*path', ok);
      app.get(['/dogs/:id', '/cats/:id'], ok).get(/^\/numbers\/(\d+)$/, ok);
      app.get('/throws/:id', fail).get('/meets/:id', meets);
      const tenant = express.Router().get('/items/:item', ok).get('/meets/:id', meets);
      return app.use('/tenants/:tenant', tenant.get('/throws/:id', fail).get('/rejects/:id', failLater));
    },
  });
}
