import { readFileSync, writeFileSync } from 'node:fs';

/** What `npm run test:versions` has found of one framework. */
export interface Result {
  /** The day, as in 2026-12-01. */
  readonly date: string;
  readonly passed: readonly string[];
  /** By version, why. */
  readonly failed: Readonly<Record<string, string>>;
}
/** By the framework's name. */
export type Results = Readonly<Record<string, Result>>;

const FILE = new URL('../../test/frameworks/versions.json', import.meta.url);

export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Results;
}

export function writeResult(name: string, result: Result): void {
  writeFileSync(FILE, `${JSON.stringify({ ...readResults(), [name]: result }, undefined, 2)}\n`);
}
