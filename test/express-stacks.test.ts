/** Express is read: what an app throws, warns and logs is what it would be without us. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess } from './app-process.ts';

const run = async (flags?: string[]): Promise<AppProcess> => {
  const app = new AppProcess('express-stacks.cjs', flags && { flags });
  assert.deepEqual(await app.ended, { code: 0, signal: null });
  return app;
};

describe('with Express 4 and 5', () => {
  it('the stacks of errors and the places of warnings are what they are without the preload', async () => {
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
