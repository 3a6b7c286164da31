/** Express is read, not changed: its copies, and what it throws, warns and logs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

const COUNT = 'http_server_request_duration_seconds_count';

const run = async (flags?: string[]): Promise<AppProcess> => {
  const app = new AppProcess('express-stacks.cjs', flags && { flags });
  assert.deepEqual(await app.ended, { code: 0, signal: null });
  return app;
};

const asked: readonly [path: string, route: string | undefined][] = [
  ['/api/users/7', '/api/users/:id'],
  ['/api/tenants/acme/leaf', '/api/tenants/:tenant/leaf'],
  ['/child/1', '/child/:id'],
  ['/connect/1', undefined],
  ['/whole/1', '/whole/:id'],
  ['/hosted/hosted/1', '/hosted/hosted/:id'],
  ['/prefixed/cats/1', '/prefixed/cats/:id'],
  ['/prefixed/dogs/1', undefined],
  ['/files/a/b', '/files/*path'],
  ['/checked/1', '/checked/:id'],
  ['/page', undefined],
  ['/page/1', '/page/:page'],
];

describe('an app of several copies of Express', () => {
  it('has the declared pattern of every route, each time, and ROUTEMETER_ROUTES for requests without one', async () => {
    const app = new AppProcess('express-copies.mjs', { env: { ROUTEMETER_ROUTES: '/page/:page' } });
    for (const [path] of [...asked, ...asked]) await app.get(path);
    const counts: Record<string, number> = {};
    for (const [labels, count] of Object.entries(samples(await app.scrape(), COUNT))) {
      const route = /http_route="([^"]*)"/.exec(labels)?.[1] ?? 'none';
      counts[route] = (counts[route] ?? 0) + count;
    }
    const expected: Record<string, number> = {};
    for (const [, route = 'none'] of asked) expected[route] = (expected[route] ?? 0) + 2;
    assert.deepEqual(counts, expected);
  });
});

describe('with Express 4 and 5', () => {
  it('the stacks of errors and the locations of warnings are the same as without the preload', async () => {
    const [bare, measured] = await Promise.all([run([]), run()]);
    assert.match(measured.stderr.join('\n'), /routemeter: measuring HTTP requests/);
    assert.match(bare.stdout.join('\n'), /thrown in express4\n/);
    assert.deepEqual(measured.stdout, bare.stdout);
    const warnings = (app: AppProcess): string[] =>
      app.stderr
        .filter((line) => !line.startsWith('routemeter: '))
        .map((line) => line.replace(/^.*? GMT/, ''));
    assert.ok(warnings(bare).some((line) => line.includes('express deprecated res.send')));
    assert.deepEqual(warnings(measured), warnings(bare));
  });
});
