import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHeaderTags, type HeaderTags } from '../../../src/instruments/http/header-tags.ts';

const tags = (...declared: Parameters<typeof createHeaderTags>[0][number][]): HeaderTags =>
  createHeaderTags(declared) ?? assert.fail('no tag comes from a header');

const PLAN = { key: 'plan', values: ['free', 'pro'], header: { of: 'request', name: 'x-plan' } } as const;
const CACHE = { key: 'cache', values: ['HIT', 'MISS'], header: { of: 'response', name: 'x-cache' } } as const;
const CALLED = { key: 'tier', values: ['a'] } as const;

it('there are none unless a declared tag has a header', () => {
  assert.equal(createHeaderTags([]), undefined);
  assert.equal(createHeaderTags([CALLED]), undefined);
});

describe('the tag of a request', () => {
  const cases: readonly (readonly [
    what: string,
    headers: Record<string, unknown>,
    plan: string | undefined,
  ])[] = [
    ['is the value', { 'x-plan': 'pro' }, 'pro'],
    ['is _OTHER if the value is another', { 'x-plan': 'gold' }, '_OTHER'],
    ['is _OTHER if the value is empty', { 'x-plan': '' }, '_OTHER'],
    ['is _OTHER if the value is in another case', { 'x-plan': 'PRO' }, '_OTHER'],
    ['is _OTHER if the value is longer', { 'x-plan': 'pro ' }, '_OTHER'],
    ['is _OTHER if there are several values', { 'x-plan': ['free', 'pro'] }, '_OTHER'],
    ['is absent without the header', { 'x-plans': 'pro' }, undefined],
    ['is absent if only the prototype has it', Object.create({ 'x-plan': 'pro' }), undefined],
  ];
  for (const [what, headers, plan] of cases) {
    it(what, () =>
      assert.deepEqual(tags(CALLED, PLAN, CACHE).ofRequest(headers), [undefined, plan, undefined]),
    );
  }

  it('is never one of what every object has', () => {
    const named = (name: string) => ({ ...PLAN, header: { of: 'request', name } }) as const;
    for (const name of ['constructor', '__proto__', 'tostring']) {
      assert.deepEqual(tags(named(name)).ofRequest({}), [undefined]);
    }
  });
});

describe('the tag of an answer', () => {
  const cases: readonly (readonly [
    what: string,
    sent: string | undefined,
    code: string | undefined,
    cache: unknown,
  ])[] = [
    ['is the value', 'HIT', undefined, 'HIT'],
    ['is _OTHER if the value is another', 'hit', undefined, '_OTHER'],
    ['is absent without the header', undefined, undefined, undefined],
    ['is the one that the code has set', 'HIT', 'MISS', 'MISS'],
    ['is the one that the code has set, without the header', undefined, 'MISS', 'MISS'],
  ];
  for (const [what, sent, code, cache] of cases) {
    it(what, () => {
      const { ofRequest, addAnswer } = tags(PLAN, CACHE);
      const values = ofRequest({ 'x-plan': 'free', 'x-cache': 'MISS' });
      if (code !== undefined) values[1] = code;
      addAnswer(values, (name) => (name === 'x-cache' ? sent : 'pro'));
      assert.deepEqual(values, ['free', cache]);
    });
  }
});
