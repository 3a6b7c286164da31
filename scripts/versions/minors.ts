import type { Framework, Version } from '../../test/frameworks/framework.ts';
import { versionOf } from '../../test/frameworks/framework.ts';

type Numbers = readonly [major: number, minor: number, patch: number];

/** Undefined for a version that comes before a release. */
function numbersOf(version: string): Numbers | undefined {
  const match = version.match(/^(\d+)\.(\d+)\.(\d+)$/);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** A published version, and as which rows of the framework it may behave: that below it, else that above it. */
export interface Minor {
  readonly version: string;
  readonly as: readonly Version[];
}

/**
 * The newest patch of every minor version from the lowest to the newest that the framework's rows have.
 *
 * @param published of the framework's first package
 */
export function minorsOf({ versions: rows }: Framework, published: readonly string[]): readonly Minor[] {
  const known = rows.flatMap((row) => {
    const numbers = numbersOf(versionOf(row));
    return numbers === undefined ? [] : [{ row, numbers }];
  });
  known.sort((a, b) => compare(a.numbers, b.numbers));
  const [lowest, newest] = [known[0]?.numbers, known.at(-1)?.numbers];
  if (lowest === undefined || newest === undefined) return [];
  const patches = new Map<string, Numbers>();
  for (const numbers of published.map(numbersOf)) {
    if (numbers === undefined || compare(numbers, lowest) < 0 || compare(numbers, newest) > 0) continue;
    const key = `${numbers[0]}.${numbers[1]}`;
    const other = patches.get(key);
    if (other === undefined || compare(other, numbers) < 0) patches.set(key, numbers);
  }
  return [...patches.values()].sort(compare).map((numbers) => {
    const below = known.findLast((each) => compare(each.numbers, numbers) <= 0);
    const above = known.find((each) => compare(each.numbers, numbers) >= 0);
    const as = [...new Set([below, above])].flatMap((each) => (each === undefined ? [] : [each.row]));
    return { version: numbers.join('.'), as };
  });
}

/** The row with another version of its framework: packages that had the same version have that one, others stay. */
export function withVersion(row: Version, version: string): Version {
  const packages = Object.entries(row.packages).map(([name, own]) => [
    name,
    own === versionOf(row) ? version : own,
  ]);
  return { ...row, packages: Object.fromEntries(packages) };
}
