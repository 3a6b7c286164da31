import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { titleOf, type Version } from './framework.ts';

export const CACHE = fileURLToPath(new URL('../../.cache/frameworks', import.meta.url));

export const folderNameOf = (version: Version): string => titleOf(version).replaceAll(/[^\w.-]+/g, '-');

/** Where a version is installed. */
export const folderOf = (version: Version): string => join(CACHE, folderNameOf(version));
