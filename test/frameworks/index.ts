import type { Framework } from './framework.ts';
import { koa } from './koa/framework.ts';

/** Every framework whose routes are known, in the order of docs/frameworks.md. */
export const frameworks: readonly Framework[] = [koa];
