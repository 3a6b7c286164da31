import type { Packages } from '../../scripts/pinned/install.ts';
import type { Declared } from '../contracts/routes.ts';

export type ModuleKind = 'esm' | 'cjs';

/** A framework whose routes are known: what is promised of it, which `docs/frameworks.md` shows. */
export interface Framework extends Declared {
  /** For people: `Koa`. */
  readonly name: string;
  /** The folder here; `app.mjs` in it is an app with the routes of the contract. */
  readonly folder: string;
  /** The oldest and the newest that are supported, of each major version that differs. The first package is the framework. */
  readonly versions: readonly Version[];
  /** How an app may load it. CommonJS runs the same app, translated. */
  readonly modules: readonly ModuleKind[];
}

/** What an installation consists of, and what differs from the framework's other versions. */
export interface Version extends Declared {
  readonly packages: Packages;
  /** Variables for the app, where versions want something written otherwise. */
  readonly env?: Readonly<Record<string, string>>;
}

/** As in the titles of tests: `koa 3.3.0`. */
export function titleOf({ packages }: Version): string {
  return Object.entries(packages)[0]?.join(' ') ?? '';
}
