import { type DeclaredPath, joinPatterns, labelOfAll } from '../declared-path.ts';

export interface Mounted {
  readonly mountpath?: DeclaredPath;
  readonly parent?: Mounted;
}

/** The patterns of the mounts of an app and of those that it is mounted in; empty if it is not mounted. */
export function mountOf(app: Mounted | undefined): string {
  if (app?.parent === undefined) return '';
  return joinPatterns(mountOf(app.parent), labelOfAll(app.mountpath ?? ''));
}
