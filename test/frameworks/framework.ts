import type { Packages } from '../../scripts/pinned/install.ts';
import type { Declared } from '../contracts/routes.ts';

export type ModuleKind = 'esm' | 'cjs';

/** How a route is found, as in `src/instruments/routes/route-source.ts`, and what of it is left in a bundle. */
export const FOUND = {
  request: { where: 'on the request', bundled: 'found as well' },
  channel: { where: 'by a diagnostics channel', bundled: 'found as well' },
  objects: { where: 'in the app, to which a request leads', bundled: 'found as well' },
  module: { where: 'by a patch of a file that the app loads', bundled: 'not found, and a warning is logged' },
  app: { where: 'by the app itself, as its section shows', bundled: 'found as well' },
} as const;

/** A framework whose routes are known: what is promised of it, which `docs/frameworks.md` shows. */
export interface Framework extends Declared {
  /** For people: `Koa`. */
  readonly name: string;
  /** In which way: the page says where, and a bundle has no module to patch. */
  readonly found: keyof typeof FOUND;
  /** The folder here; `app.mjs` in it, or the program in the folder `program`, is an app with the routes of the contract. */
  readonly folder: string;
  /** The oldest and the newest that are supported, of each major version that differs. The first package is the framework. */
  readonly versions: readonly Version[];
  /** How `app.mjs` may load it. CommonJS runs the same app, translated. */
  readonly modules?: readonly ModuleKind[];
  /** Packages that stay out of a bundle, such as optional ones that are not installed. */
  readonly external?: readonly string[];
  /** Why the app is not tried as a bundle. */
  readonly unbundled?: string;
  /** Whether the app `bundled.mjs` shows how to name the routes where the framework is bundled. */
  readonly namesInBundle?: true;
  /** If an app of this framework is more than one file. */
  readonly program?: Program;
  /** If only the app knows its routes: how it names them by `route` of our package, which it finds as if installed. */
  readonly naming?: Naming;
  /** What only this framework has, by title: further requests to the same app, which the page shows. */
  readonly own?: Readonly<Record<string, OwnCase>>;
}

/** What the page shows for users to copy. */
export interface Naming {
  /** Of the program, as they are. */
  readonly files: readonly string[];
  /** What else an app must have, and what becomes of the package in its build. */
  readonly remark: string;
}

/** A case beyond the contract. */
export interface OwnCase {
  /** Method and path. */
  readonly ask: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** The pattern, or `none`. */
  readonly route: string;
}

/** The files of a folder `program`, which are copied to where the framework is installed; `meet.mjs` comes with them. */
export interface Program {
  /** Arguments of Node.js, with the file first. It runs before the first start, and again if sources or packages change. */
  readonly build?: readonly string[];
  /**
   * How it may be started: arguments of Node.js, with the file first, by titles for people. The preload is in
   * NODE_OPTIONS. A program prints the URL where it listens, which is the PORT and the HOST, or HOSTNAME, that are in its
   * environment.
   */
  readonly starts: Readonly<Record<string, readonly string[]>>;
}

/** What an installation consists of, and what differs from the framework's other versions. */
export interface Version extends Declared {
  readonly packages: Packages;
  /**
   * Further apps, by the names of their files, with what one app cannot have beside the contract: to each request its
   * status, with the route if it has one.
   */
  readonly otherApps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Variables for the app and for its build, where versions want something written otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  readonly own?: Readonly<Record<string, OwnCase>>;
}

/** As in the titles of tests: `koa 3.3.0`. */
export function titleOf({ packages }: Version): string {
  return Object.entries(packages)[0]?.join(' ') ?? '';
}

/** Of the framework itself. */
export function versionOf({ packages }: Version): string {
  return Object.values(packages)[0] ?? '';
}

/** What is promised of a version. */
export function merged(framework: Framework, version: Version): Declared {
  const both = <Key extends keyof Declared>(key: Key) => ({ ...framework[key], ...version[key] });
  return { patterns: both('patterns'), exceptions: both('exceptions'), lacks: both('lacks') } as Declared;
}
