import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess } from '../app-process.ts';

/** Throws at the next request. */
const program = (thrown: string): string => `
import http from 'node:http';
http.createServer(() => { throw ${thrown}; }).listen(0, '127.0.0.1', function () {
  http.get({ port: this.address().port, host: '127.0.0.1' }).on('error', () => {});
});
`;

async function endOf(text: string, engine: string | undefined): Promise<unknown> {
  const app = new AppProcess(
    text,
    engine === undefined ? { flags: [] } : { env: { ROUTEMETER_HTTP_ENGINE: engine } },
  );
  const ended = await app.ended;
  const stderr = app.stderr.filter((line) => !line.startsWith('routemeter:'));
  return { ...ended, stdout: app.stdout, stderr };
}

describe('an exception in a handler', () => {
  for (const thrown of ['null', `new Error('thrown')`]) {
    it(`ends the process as without routemeter: ${thrown}`, async () => {
      const text = program(thrown);
      const [without, ...measured] = await Promise.all(
        [undefined, 'lean', 'otel'].map((engine) => endOf(text, engine)),
      );
      assert.equal(Reflect.get(Object(without), 'code'), 1);
      assert.deepEqual(measured, [without, without]);
    });
  }
});
