/** When a package is patched, by a made-up one in the place of Koa. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppProcess, requestCounts } from '../app-process.ts';

const dist = (file: string): string => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'routemeter-loaded-packages-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'node_modules/koa/lib'), { recursive: true });
writeFileSync(
  join(folder, 'node_modules/koa/package.json'),
  JSON.stringify({ name: 'koa', version: '3.0.0', main: 'lib/application.js' }),
);
writeFileSync(
  join(folder, 'node_modules/koa/lib/application.js'),
  `module.exports = class { createContext(request, response) { return { _matchedRoute: '/users/:id' }; } };`,
);

const LISTEN = `
const server = http.createServer((request, response) => {
  const Koa = require('koa');
  new Koa().createContext(request, response);
  response.end('ok');
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));`;
const START = `require(${JSON.stringify(dist('start.js'))}).start();`;

const cases: readonly (readonly [what: string, flags: readonly string[], program: string])[] = [
  ['loaded before the server listens', ['--import', dist('register.js')], `require('koa'); ${LISTEN}`],
  ['loaded by the first request', ['--import', dist('register.js')], LISTEN],
  ['loaded before start()', [], `require('koa'); ${START} ${LISTEN}`],
];

describe('the requests after a package was loaded have routes', () => {
  for (const [at, [what, flags, program]] of cases.entries()) {
    it(what, async () => {
      const file = join(folder, `app-${at}.cjs`);
      writeFileSync(file, `const http = require('node:http'); ${program}`);
      const app = new AppProcess(file, { flags, cwd: folder });
      if (what.includes('by the first')) await app.get('/users/1');
      await app.get('/users/2');
      const counts = requestCounts(await app.scrape());
      assert.equal(counts['GET /users/:id 200'], 1, JSON.stringify(counts));
    });
  }
});
