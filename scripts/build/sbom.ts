import type { Package } from './packages.ts';

export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** A dependency that is installed beside the package, in exactly this version. */
export interface Beside {
  readonly name: string;
  readonly version: string;
}

/**
 * What the package is made of, in the form of CycloneDX 1.6: the packages inside of its bundle, which npm does not know
 * of, and those that npm installs beside it. It is the same for each build of a commit: no time, no random number.
 *
 * https://cyclonedx.org/docs/1.6/json/
 */
export function sbom(
  subject: Subject,
  bundled: readonly Package[],
  beside: readonly Beside[],
  integrityOf: (name: string, version: string) => string | undefined,
): object {
  const others = beside.filter(({ name }) => bundled.every((each) => each.name !== name));
  const references = new Map([...others, ...bundled].map(({ name, version }) => [name, purl(name, version)]));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { ...component(subject.name, subject.version), ...licensed(subject.license) },
    },
    components: [
      ...bundled.map(({ name, version, license, repository }) => ({
        ...component(name, version),
        scope: 'required',
        ...hashed(integrityOf(name, version)),
        ...licensed(license),
        ...(repository && { externalReferences: [{ type: 'vcs', url: repository }] }),
        properties: [{ name: 'routemeter:bundled', value: 'true' }],
      })),
      ...others.map(({ name, version }) => ({
        ...component(name, version),
        scope: 'required',
        ...hashed(integrityOf(name, version)),
        properties: [{ name: 'routemeter:bundled', value: 'false' }],
      })),
    ],
    dependencies: [
      { ref: purl(subject.name, subject.version), dependsOn: [...references.values()] },
      ...bundled.map(({ name, version, needs }) => ({
        ref: purl(name, version),
        dependsOn: needs.flatMap((need) => references.get(need) ?? []),
      })),
    ],
  };
}

function component(name: string, version: string) {
  const [, group, own = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const reference = purl(name, version);
  return {
    type: 'library',
    'bom-ref': reference,
    ...(group !== undefined && { group }),
    name: own,
    version,
    purl: reference,
  };
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function licensed(license: string) {
  return { licenses: [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }] };
}

/** @param integrity as in a lockfile: `sha512-` and base64 */
function hashed(integrity: string | undefined) {
  const content = integrity?.match(/^sha512-(.+)$/)?.[1];
  if (content === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(content, 'base64').toString('hex') }] };
}
