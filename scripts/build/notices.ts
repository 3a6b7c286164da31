import type { Package } from './packages.ts';

/** The texts that the licenses of bundled packages want to go with copies of them. A text of several is there once. */
export function notices(packages: readonly Package[]): string {
  const names = new Map<string, string[]>();
  for (const { name, version, license, repository, texts } of packages) {
    const text = texts.join('\n\n');
    const from = repository === undefined ? '' : `, ${repository}`;
    names.set(text, [...(names.get(text) ?? []), `${name} ${version} (${license})${from}`]);
  }
  return [INTRODUCTION, ...[...names].map(([text, those]) => `${those.join('\n')}\n\n${text}\n`)].join(RULE);
}

const INTRODUCTION = `The JavaScript of this package contains parts of the packages below. They are changed in this: what
is not used is left out, comments are left out, and files are merged. sbom.cdx.json names them for programs.
`;
const RULE = `\n${'-'.repeat(80)}\n\n`;
