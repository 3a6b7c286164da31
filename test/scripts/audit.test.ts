import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, shippedPlaces } from '../../scripts/audit/advisories.ts';

const advisory = (name: string, severity = 'high') => ({
  name,
  title: 'It reads too much',
  url: `https://advisories.example.org/${name}`,
  severity,
  range: '<2.0.0',
});
const report = (name: string, via: readonly (string | ReturnType<typeof advisory>)[]) => ({
  vulnerabilities: { [name]: { nodes: [`node_modules/${name}`], via } },
});
const isShipped = (place: string): boolean => place === 'node_modules/shipped';
const accepted = [{ url: advisory('shipped').url, reason: 'it is not called' }];

describe('an advisory', () => {
  const rows: [what: string, fails: boolean, noted: RegExp | undefined, ...Parameters<typeof judge>][] = [
    ['of what users get fails', true, undefined, report('shipped', [advisory('shipped')]), isShipped, []],
    [
      'of low severity is noted',
      false,
      /^shipped <2\.0\.0, low: It reads too much \(https:\S+\)$/,
      report('shipped', [advisory('shipped', 'low')]),
      isShipped,
      [],
    ],
    [
      'that has been accepted is noted, with the reason',
      false,
      /; accepted: it is not called$/,
      report('shipped', [advisory('shipped')]),
      isShipped,
      accepted,
    ],
    [
      'of what only developers have is noted',
      false,
      /; only developers have it$/,
      report('tool', [advisory('tool')]),
      isShipped,
      [],
    ],
    [
      'is reported at the package that has it, not at those that need that',
      false,
      undefined,
      report('shipped', ['tool']),
      isShipped,
      [],
    ],
  ];
  for (const [what, fails, noted, ...given] of rows) {
    it(what, () => {
      const verdict = judge(...given);
      assert.equal(verdict.failing.length, fails ? 1 : 0);
      assert.equal(verdict.noted.length, noted === undefined ? 0 : 1);
      if (noted !== undefined) assert.match(verdict.noted.join('\n'), noted);
    });
  }
});

describe('what users get', () => {
  const places = shippedPlaces(
    {
      packages: {
        '': { version: '1.0.0', dependencies: { beside: '1.0.0' } },
        'node_modules/beside': {
          version: '1.0.0',
          dependencies: { deep: '^2' },
          peerDependencies: { peer: '1' },
        },
        'node_modules/beside/node_modules/deep': { version: '2.0.0', dependencies: { deeper: '1' } },
        'node_modules/deep': { version: '1.0.0' },
        'node_modules/deeper': { version: '1.0.0' },
        'node_modules/peer': { version: '1.0.0', optionalDependencies: { missing: '1' } },
        'node_modules/@meter/core': { version: '3.1.0', dependencies: { ways: '1' } },
        'node_modules/tool': { version: '1.0.0' },
        'node_modules/tool/node_modules/@meter/core': { version: '3.0.0' },
        'node_modules/ways': { version: '1.0.0' },
        'test/app': { version: '0.0.0', dependencies: { deep: '1' } },
      },
    },
    new Set(['@meter/core@3.1.0']),
  );

  it('is what npm installs with the package, and what is inside of its bundle', () => {
    assert.deepEqual([...places].sort(), [
      'node_modules/@meter/core',
      'node_modules/beside',
      'node_modules/beside/node_modules/deep',
      'node_modules/deeper',
      'node_modules/peer',
    ]);
  });
});
