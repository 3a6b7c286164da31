import { basename, dirname, join } from 'node:path';
import type { ConfigSource } from './types.ts';

const MODULES = /[\\/]node_modules[\\/]/;

/**
 * The name of a service that was not given one: https://opentelemetry.io/docs/specs/semconv/resource/#service
 *
 * It is the name of the app's package. A program in `node_modules` is a tool, and the app is where the tool is used.
 */
export function defaultServiceName({ entry, link, cwd, readFile }: ConfigSource): string {
  const script = entry === undefined || isTool(entry, link ?? entry) ? undefined : entry;
  return (
    (script && packageName(script, readFile)) ||
    packageName(cwd, readFile) ||
    basename(cwd) ||
    (entry && packageName(entry, readFile)) ||
    'unknown_service:node'
  );
}

/**
 * Whether a script belongs to a tool: it is in a `node_modules`, or was started by a link in one that leads out of the
 * project, as `npm link` makes it. The link of a workspace's package stays within the project.
 *
 * @param link the script as it was named
 */
function isTool(script: string, link: string): boolean {
  if (MODULES.test(script)) return true;
  const modules = link.search(MODULES);
  return modules >= 0 && !script.startsWith(link.slice(0, modules + 1));
}

/** The name in the nearest package.json that has one, going up from a file or folder. */
function packageName(path: string, readFile: ConfigSource['readFile']): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const manifest: unknown = JSON.parse(readFile(join(folder, 'package.json')).toString());
      const name = manifest instanceof Object && 'name' in manifest ? manifest.name : undefined;
      if (typeof name === 'string' && name.trim() !== '') return name;
    } catch {
      // Missing or unreadable: the next folder up.
    }
    if (dirname(folder) === folder) return undefined;
  }
}
