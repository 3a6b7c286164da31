import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ESCAPING_SCHEMES, escapeLabel, escapeName } from '../../../src/exporters/prometheus/escaping.ts';

/** Those of TestEscapeName in github.com/prometheus/common, and of its specification. */
const names: readonly (readonly [name: string, underscores: string, dots: string, values: string])[] = [
  ['no:escaping_required', 'no:escaping_required', 'no:escaping_required', 'no:escaping_required'],
  [
    'mysystem.prod.west.cpu.load',
    'mysystem_prod_west_cpu_load',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load',
  ],
  [
    'mysystem.prod.west.cpu.load_total',
    'mysystem_prod_west_cpu_load_total',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load__total',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total',
  ],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['name with 😱', 'name_with__', 'name__with____', 'U__name_20_with_20__1f631_'],
  ['label with 花火', 'label_with___', 'label__with______', 'U__label_20_with_20__82b1__706b_'],
  ['0.1', '__1', '___dot_1', 'U___30__2e_1'],
];

for (const [name, underscores, dots, values] of names) {
  test(`${name} is escaped by each scheme`, () => {
    const expected = { 'allow-utf-8': name, underscores, dots, values };
    assert.deepEqual(
      Object.fromEntries(ESCAPING_SCHEMES.map((scheme) => [scheme, escapeName(name, scheme)])),
      expected,
    );
  });
}

test('a label has no colon', () => {
  const written = ESCAPING_SCHEMES.map((scheme) => escapeLabel('a:b', scheme));
  assert.deepEqual(written, ['a:b', 'a_b', 'a_b', 'U__a_3a_b']);
});
