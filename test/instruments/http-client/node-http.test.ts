import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { after, afterEach, describe, it } from 'node:test';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import type { Call } from '../../../src/instruments/http-client/attributes.ts';
import { measureNodeHttp } from '../../../src/instruments/http-client/node-http.ts';
import { startPeer } from './peer.ts';

const { port } = await startPeer();
const calls: (Call & { seconds: number })[] = [];
const said: string[] = [];
const ownAgent = new http.Agent();
const end = measureNodeHttp({
  record: (seconds, call) => calls.push({ ...call, seconds }),
  guard: createGuard(createLog('info', (line) => said.push(line))),
  isOwn: (agent) => agent === ownAgent,
});
after(end);
afterEach(() => {
  calls.length = 0;
  assert.deepEqual(said, []);
});

const make = (path: string, options: RequestOptions = {}): ClientRequest =>
  http.request({ host: '127.0.0.1', port, path, agent: false, ...options });

/** A request that is sent, and what is done with its response. */
const send = (
  path: string,
  options?: RequestOptions,
  onResponse: (response: IncomingMessage, request: ClientRequest) => void = (response) => response.resume(),
): ClientRequest => {
  const request = make(path, options);
  request.on('response', (response) => {
    response.on('error', () => {});
    onResponse(response, request);
  });
  return request.end();
};

/** Over and done with, what Node.js emits after that included. */
async function over(request: ClientRequest): Promise<void> {
  request.on('error', () => {});
  request.on('upgrade', (_response, socket) => socket.destroy());
  request.on('connect', (_response, socket) => socket.destroy());
  await new Promise((resolve) => request.on('close', resolve));
  await new Promise(setImmediate);
}

/** [what, status and error.type when all is over, how]; conformance.test.ts compares further ones. */
const CASES: readonly (readonly [what: string, outcome: string, how: () => ClientRequest])[] = [
  ['an answer', '200', () => send('/ok')],
  ['an answer that nobody listens for', '200', () => make('/ok').end()],
  ['an answer that nobody reads', '200', () => send('/ok', {}, () => {})],
  ['a tunnel', '101', () => send('/ok', { method: 'CONNECT' })],
  ['a name that does not exist', 'ENOTFOUND', () => send('/ok', { host: 'name.invalid' })],
  ['a connection closed without an answer', 'ECONNRESET', () => send('/destroy')],
  ['an answer that is not HTTP', 'HPE_INVALID_CONSTANT', () => send('/garbage')],
  ['a request destroyed before it has a socket', 'ECONNRESET', () => make('/ok').destroy()],
  ['a request destroyed with an error', 'RangeError', () => make('/ok').destroy(new RangeError())],
  ['a signal that aborts', 'AbortError', () => send('/hang', { signal: AbortSignal.timeout(5) })],
  [
    'a timeout after which the app gives up',
    'ECONNRESET',
    () => {
      const request = send('/hang', { timeout: 5 });
      return request.on('timeout', () => request.destroy());
    },
  ],
  ['an answer that the app no longer wants', '200', () => send('/half', {}, (answer) => answer.destroy())],
  ['a request that it destroys then', '200', () => send('/half', {}, (_, request) => request.destroy())],
  [
    'a request that it destroys then with an error',
    '200 RangeError',
    () => send('/half', {}, (_, request) => request.destroy(new RangeError())),
  ],
];

describe('a request by node:http', () => {
  for (const [what, outcome, how] of CASES) {
    it(`is recorded once for ${what}`, async () => {
      await over(how());
      assert.deepEqual(
        calls.map((call) => [call.status, call.errorType].filter(Boolean).join(' ')),
        [outcome],
      );
      assert.ok(Number(calls[0]?.seconds) >= 0);
      assert.equal(calls[0]?.scheme, 'http');
    });
  }

  it('lasts until its answer has been read', async () => {
    let response: IncomingMessage | undefined;
    const request = send('/large', {}, (given) => {
      response = given;
    });
    await once(request, 'response');
    await new Promise(setImmediate);
    assert.deepEqual(calls, []);
    assert.ok(response);
    const ended = once(response, 'end');
    response.resume();
    await ended;
    assert.equal(calls.length, 1);
  });

  it('is not recorded with one of our agents', async () => {
    await over(send('/ok', { agent: ownAgent }));
    assert.deepEqual(calls, []);
  });

  it('throws as it does without routemeter, and is not recorded', () => {
    assert.throws(() => make('/a b'), { code: 'ERR_UNESCAPED_CHARACTERS' });
    assert.throws(() => make('/ok', { headers: { 'a b': '' } }), { code: 'ERR_INVALID_HTTP_TOKEN' });
    assert.deepEqual(calls, []);
  });

  it('has no listener of ours for events that change what Node.js does', () => {
    const request = make('/ok');
    for (const event of ['error', 'response', 'upgrade', 'connect', 'continue', 'timeout', 'information']) {
      assert.equal(request.listenerCount(event), 0, event);
    }
    request.on('error', () => {});
    request.destroy();
    return over(request);
  });
});

describe('when measuring has ended', () => {
  it('no request is recorded', async () => {
    end();
    await over(send('/ok'));
    assert.deepEqual(calls, []);
  });
});
