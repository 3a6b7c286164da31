import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { hash } from '../../src/group/members/group-name.ts';
import { randomHex, randomUuid } from '../../src/guest/random.ts';

const MANY = 2000;
const many = <Value>(make: () => Value): Set<Value> => new Set(Array.from({ length: MANY }, make));

describe('random digits', () => {
  for (const digits of [1, 8, 12, 32]) {
    it(`are as many as are wanted: ${digits}`, () =>
      assert.match(randomHex(digits), new RegExp(`^[0-9a-f]{${digits}}$`)));
  }

  it('differ', () => assert.equal(many(() => randomHex(16)).size, MANY));

  it('differ in two processes with the same seed', () => {
    const file = new URL('../../src/guest/random.ts', import.meta.url).href;
    const program = `import { randomHex } from '${file}'; console.log(randomHex(32));`;
    const run = (): string =>
      execFileSync(process.execPath, ['--random-seed=1', '--input-type=module', '-e', program], {
        encoding: 'utf8',
      });
    assert.notEqual(run(), run());
  });
});

describe('a random UUID', () => {
  it('is of version 4', () => {
    for (const uuid of many(randomUuid)) {
      assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('differs', () => assert.equal(many(randomUuid).size, MANY));
});

describe('the hash of a name', () => {
  it('has 10 digits, and is the same in every process', () => {
    assert.equal(hash([2, 'shop', 'net:[4026531840] localhost:9464']), 'ecf2393f15');
  });

  it('differs for names that differ', () => {
    const names = Array.from({ length: MANY }, (_, n) => [`shop-${n}`, [n, 'shop'], ['shop', n]]).flat();
    assert.equal(new Set(names.map((name) => hash([name].flat()))).size, names.length);
  });
});
