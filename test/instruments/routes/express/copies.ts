/** The versions of Express that are installed, and handlers for their tests. */
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type ExpressModule from 'express';
import type { Request, Response } from 'express';
import type { Site } from '../../http/measured.ts';

export type ExpressLike = typeof ExpressModule;

const require = createRequire(import.meta.url);

export const loadExpress = (name: string): ExpressLike => require(name);

/** A copy of Express that nobody has used. */
export function copyOf(name: string): ExpressLike {
  forgetCopies();
  return require(name);
}

/** After this nothing of Express is among the loaded modules. */
export function forgetCopies(): void {
  for (const path of Object.keys(require.cache)) {
    if (/[/\\](?:express\d*|router)[/\\]/.test(path)) delete require.cache[path];
  }
}

/** A listener that calls an app, which the server thus does not show. */
export const wrap =
  (app: ReturnType<ExpressLike>): RequestListener =>
  (req, res) =>
    app(req as Request, res as Response);

export const ok = (_req: Request, res: Response): void => {
  res.send('ok');
};

/** The route of `METHOD path`. */
export async function routeOf(site: Site, line: string): Promise<string | undefined> {
  const [method, path = ''] = line.split(' ');
  return (await site.ask(path, method)).route;
}
