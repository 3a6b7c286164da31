import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeclaredPath } from '../../../../src/instruments/routes/declared-path.ts';
import { isBare } from '../../../../src/instruments/routes/express/fallback.ts';

const bare: DeclaredPath[] = [
  ...['*', '/*', '/**', '*?', '(*)', '/(.*)', '/:path*', '/:path(*)', '/:path(.*)', '/:path(*)?'],
  ...['*all', '/*all', '{*all}', '/{*all}', '{/*all}'],
  ...[/.*/, /(.*)/, /^.*$/, /^\/(.*)$/, /\/.*/, /^\//, /^/],
  ['/', '*'],
];
const others: DeclaredPath[] = [
  ...['/', '/:path', '/files/*', '/files/:path(*)', '/:path(\\d+)', '/:version/*rest', '/{:lang}'],
  ...[/^\/(?!api).*/, /\.html$/, /^\/files/],
];

describe('a path that is only a wildcard', () => {
  for (const path of bare) it(`is ${path}`, () => assert.equal(isBare({ path, stack: [] }), true));
  for (const path of others) it(`is not ${path}`, () => assert.equal(isBare({ path, stack: [] }), false));
});
