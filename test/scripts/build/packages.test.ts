import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { notices } from '../../../scripts/build/notices.ts';
import { packagesOf } from '../../../scripts/build/packages.ts';
import { sbom } from '../../../scripts/build/sbom.ts';

const home = mkdtempSync(join(tmpdir(), 'routemeter-packages-'));
after(() => rmSync(home, { recursive: true }));

function write(file: string, content: string | object): string {
  const path = join(home, 'node_modules', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

write('@meter/core/package.json', {
  name: '@meter/core',
  version: '3.1.0',
  license: 'Apache-2.0',
  repository: { type: 'git', url: 'git+https://git.example.org/meter.git' },
  dependencies: { ways: '1', other: '1' },
});
write('@meter/core/LICENSE', 'Apache License\n');
write('@meter/core/NOTICE.md', 'By the authors.\n');
write('@meter/core/esm/package.json', { type: 'module' });
const core = write('@meter/core/esm/index.js', '');
write('ways/package.json', {
  name: 'ways',
  version: '2.0.0',
  license: '(MIT OR ISC)',
  repository: 'owner/ways',
});
write('ways/LICENSE.md', 'MIT License\n');
const ways = [write('ways/index.js', ''), write('ways/lib/part.js', '')];
write('bare/package.json', { name: 'bare', version: '1.0.0', license: 'MIT' });
const bare = write('bare/index.js', '');

const packages = packagesOf([...ways, core]);

describe('the packages of files', () => {
  it('are there once, by name, from the nearest folder that names a package', () => {
    assert.deepEqual(packages, [
      {
        name: '@meter/core',
        version: '3.1.0',
        license: 'Apache-2.0',
        repository: 'https://git.example.org/meter.git',
        needs: ['ways', 'other'],
        texts: ['Apache License', 'By the authors.'],
      },
      {
        name: 'ways',
        version: '2.0.0',
        license: '(MIT OR ISC)',
        repository: 'https://github.com/owner/ways',
        needs: [],
        texts: ['MIT License'],
      },
    ]);
  });

  it('fail the build without the text of a license', () => {
    assert.throws(() => packagesOf([bare]), /node_modules\/bare has no license/);
  });
});

describe('the notices', () => {
  const text = notices([...packages, { ...packagesOf(ways)[0], name: 'more' } as (typeof packages)[0]]);

  it('have each package with its version and the texts', () => {
    assert.match(text, /^@meter\/core 3\.1\.0 \(Apache-2\.0\), https:\/\/git\.example\.org\/meter\.git$/m);
    assert.match(text, /Apache License\n\nBy the authors\.\n/);
  });

  it('have a text of several packages once', () => {
    assert.equal(text.match(/MIT License/g)?.length, 1);
    assert.match(text, /^ways 2\.0\.0 .*\nmore 2\.0\.0 .*\n\nMIT License$/m);
  });
});

describe('the bill of materials', () => {
  const bill = sbom(
    { name: 'meter', version: '1.2.3', license: 'Apache-2.0' },
    packages,
    [
      { name: 'beside', version: '0.1.0' },
      { name: 'ways', version: '2.0.0' },
    ],
    (name) => (name === 'ways' ? 'sha512-AAEC' : undefined),
  ) as {
    metadata: { component: { purl: string } };
    components: {
      'bom-ref': string;
      properties: { value: string }[];
      hashes?: unknown;
      licenses?: unknown;
    }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };

  it('names each package once, and whether it is bundled', () => {
    assert.equal(bill.metadata.component.purl, 'pkg:npm/meter@1.2.3');
    assert.deepEqual(
      bill.components.map((component) => [component['bom-ref'], component.properties[0]?.value]),
      [
        ['pkg:npm/%40meter/core@3.1.0', 'true'],
        ['pkg:npm/ways@2.0.0', 'true'],
        ['pkg:npm/beside@0.1.0', 'false'],
      ],
    );
  });

  it('has the licenses, one by its name and several as an expression', () => {
    assert.deepEqual(
      bill.components.map(({ licenses }) => licenses),
      [[{ license: { id: 'Apache-2.0' } }], [{ expression: '(MIT OR ISC)' }], undefined],
    );
  });

  it('has the hash of the lockfile', () => {
    assert.deepEqual(bill.components[1]?.hashes, [{ alg: 'SHA-512', content: '000102' }]);
  });

  it('has what depends on what, of that which it names', () => {
    assert.deepEqual(bill.dependencies, [
      {
        ref: 'pkg:npm/meter@1.2.3',
        dependsOn: ['pkg:npm/beside@0.1.0', 'pkg:npm/%40meter/core@3.1.0', 'pkg:npm/ways@2.0.0'],
      },
      { ref: 'pkg:npm/%40meter/core@3.1.0', dependsOn: ['pkg:npm/ways@2.0.0'] },
      { ref: 'pkg:npm/ways@2.0.0', dependsOn: [] },
    ]);
  });

  it('is the same at each build', () => {
    assert.doesNotMatch(JSON.stringify(bill), /timestamp|serialNumber/);
  });
});
