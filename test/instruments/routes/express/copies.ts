/** The versions of Express that are installed, their copies, and how their apps are measured. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import type ExpressModule from 'express';
import type { Request, Response } from 'express';
import { startLeanEngine } from '../../../../src/instruments/http/lean.ts';
import { expressRoutes } from '../../../../src/instruments/routes/express/index.ts';
import { logged, type Measured, measure, type Site } from '../../http/measured.ts';

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

/** Measures the apps of a test file; at its end nothing may have failed inside. */
export function measureExpress(): Measured {
  process.env.NODE_ENV = 'test';
  const measured = measure(startLeanEngine, { sources: [expressRoutes] });
  after(async () => {
    await measured[Symbol.asyncDispose]();
    assert.deepEqual(logged, []);
  });
  return measured;
}

/** The route of `METHOD path`. */
export async function routeOf(site: Site, line: string): Promise<string | undefined> {
  const [method, path = ''] = line.split(' ');
  return (await site.ask(path, method)).route;
}
