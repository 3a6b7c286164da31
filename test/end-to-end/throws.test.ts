import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess } from '../app-process.ts';

/** What handlers throw, as expressions. */
const THROWN = [
  'null',
  'undefined',
  '0',
  `''`,
  'false',
  'NaN',
  `Symbol('thrown')`,
  `new Error('thrown')`,
  `Object.freeze(new Error('frozen'))`,
  `Object.defineProperty(new Error('read'), 'name', { get() { console.log('read'); return 'Odd'; } })`,
  `new Proxy({}, { get() { throw new Error('trapped'); } })`,
];

const EVENTS: readonly (readonly [event: string, header: string, thrown: readonly string[]])[] = [
  ['request', 'X: y', THROWN],
  ['checkContinue', 'Expect: 100-continue', ['null', `new Error('thrown')`]],
  ['checkExpectation', 'Expect: more', [`''`, `new Error('thrown')`]],
];

/** Throws at the next request, whatever becomes of it. */
const program = (event: string, header: string, thrown: string): string => `
import http from 'node:http';
import net from 'node:net';
const server = http.createServer().on('${event}', () => { throw ${thrown}; });
server.listen(0, '127.0.0.1', () => {
  const socket = net.connect(server.address().port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\\r\\nHost: x\\r\\n${header}\\r\\n\\r\\n');
});
`;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

async function endOf(text: string, engine: string | undefined): Promise<End> {
  const app = new AppProcess(
    text,
    engine === undefined ? { flags: [] } : { env: { ROUTEMETER_HTTP_ENGINE: engine } },
  );
  const ended = await app.ended;
  return {
    ...ended,
    stdout: app.stdout,
    stderr: app.stderr.filter((line) => !line.startsWith('routemeter:')),
  };
}

describe('what a handler throws', () => {
  for (const [event, header, values] of EVENTS) {
    for (const thrown of values) {
      it(`ends the process as without us: ${thrown} at ${event}`, async () => {
        const text = program(event, header, thrown);
        const [without, ...measured] = await Promise.all(
          [undefined, 'lean', 'otel'].map((engine) => endOf(text, engine)),
        );
        assert.equal(without?.code, 1);
        assert.deepEqual(measured, [without, without]);
      });
    }
  }

  it('is of the app where it catches it: the request is what was sent', async () => {
    for (const engine of ['lean', 'otel']) {
      const app = new AppProcess(
        `import http from 'node:http';
        let response;
        process.on('uncaughtException', (error) => {
          console.log('caught ' + error);
          response.writeHead(503).end();
        });
        http.createServer((_req, res) => { response = res; throw null; })
          .listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port); });`,
        { env: { ROUTEMETER_HTTP_ENGINE: engine } },
      );
      assert.equal((await app.get('/')).status, 503);
      await app.line('stdout', /^caught null$/);
      assert.match(await app.scrape(), /http_response_status_code="503"[^\n]* 1$/m);
    }
  });
});
