import fs from 'node:fs';
import { join } from 'node:path';
import { privateDirectory } from '../../../src/group/members/directory.ts';
import { type Owner, readOwner } from '../../../src/group/port/owner.ts';
import { createStateReader } from '../../../src/group/state/reader.ts';

/** The private folder of the user who runs the tests, as the apps that they start choose it. */
export function ownFolder(): string {
  const found = privateDirectory({
    uid: process.getuid?.(),
    platform: process.platform,
    runtimeDirectory: undefined,
    temporaryDirectory: '/tmp',
    fs,
  });
  if ('problem' in found) throw new Error(found.problem);
  return found.path;
}

/** What is said of a service's endpoint. */
export function ownerOf(
  service: string,
  folder = ownFolder(),
): (Owner & { readonly file: string }) | undefined {
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    const file = join(folder, name);
    const owner = name.endsWith('.json') ? readOwner(fs, file) : undefined;
    if (owner?.service === service) return { ...owner, file };
  }
  return undefined;
}

/** Where the members of a service have their sockets and files. */
export function placeOf(service: string, folder = ownFolder()): string {
  const owner = ownerOf(service, folder);
  if (owner === undefined) throw new Error(`nobody serves ${service}`);
  return join(folder, owner.group, owner.epoch);
}

/** Requests that a process' file counts; 0 without a file. */
export function requestsWritten(place: string, pid: number | undefined): number {
  const ids = fs.readdirSync(place).flatMap((name) => /^(.+)\.values$/.exec(name)?.[1] ?? []);
  let requests = 0;
  for (const id of ids.filter((each) => each.startsWith(`${pid}-`))) {
    const reader = createStateReader(fs, join(place, id));
    const { metrics, values } = reader.read();
    reader.close();
    for (const { definition, series } of metrics) {
      if (definition.name !== 'http.server.request.duration') continue;
      const buckets = (definition.boundaries?.length ?? 0) + 1;
      for (const { offset } of series) {
        // After the time of the last change.
        for (const count of values.subarray(offset + 1, offset + 1 + buckets)) requests += count;
      }
    }
  }
  return requests;
}

/** Bytes and number of files in a folder, less those that go meanwhile. */
export function sizeOf(place: string): { files: number; bytes: number } {
  const sizes = fs
    .readdirSync(place)
    .map((name) => fs.lstatSync(join(place, name), { throwIfNoEntry: false })?.size ?? 0);
  return { files: sizes.length, bytes: sizes.reduce((a, b) => a + b, 0) };
}

/** Removes what the processes of a service have left. */
export function removeFolder(service: string): void {
  const folder = ownFolder();
  const owner = ownerOf(service, folder);
  if (owner !== undefined) {
    fs.rmSync(join(folder, owner.group), { recursive: true, force: true });
    fs.rmSync(owner.file);
  }
  if (fs.readdirSync(folder).length === 0) fs.rmdirSync(folder);
}
