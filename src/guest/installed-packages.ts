import { getBuiltinModule } from './builtin.ts';
import { isRecord } from './shape.ts';

const FOLDER = '/node_modules/';

/** What follows the innermost `node_modules` of a URL or path; undefined if the file is in no such folder. */
export function pathInPackages(url: string): string | undefined {
  const start = url.lastIndexOf(FOLDER);
  return start < 0 ? undefined : url.slice(start + FOLDER.length);
}

/** Of a path below `node_modules`: `koa`, `@hapi/hapi`. */
export function packageOf(path: string): string {
  const end = path.indexOf('/', path.startsWith('@') ? path.indexOf('/') + 1 : 0);
  return end < 0 ? path : path.slice(0, end);
}

/**
 * As in the package's own package.json.
 *
 * @param url of a file of the package
 * @throws if there is no such file, or it is malformed
 */
export function versionOf(name: string, url: string): string {
  const folder = url.slice(0, url.lastIndexOf(FOLDER) + FOLDER.length) + name;
  const { readFileSync } = getBuiltinModule('node:fs');
  const content: unknown = JSON.parse(readFileSync(new URL(`${folder}/package.json`), 'utf8'));
  return isRecord(content) ? String(content.version) : '';
}
