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

const destroyed = (request: ClientRequest, error?: Error): ClientRequest => request.destroy(error);
const aborted = (request: ClientRequest): ClientRequest => {
  request.abort();
  return request;
};

/** When all is over: [what, how, status, error.type]. Further answers are compared in conformance.test.ts. */
const CASES: readonly (readonly [string, () => ClientRequest, number | undefined, string | undefined])[] = [
  ['an answer', () => send('/ok'), 200, undefined],
  ['an answer to HEAD', () => send('/ok', { method: 'HEAD' }), 200, undefined],
  ['an answer that nobody listens for', () => make('/ok').end(), 200, undefined],
  ['an answer that nobody reads', () => send('/ok', {}, () => {}), 200, undefined],
  ['an upgrade', () => send('/ok', { headers: { connection: 'upgrade', upgrade: 'test' } }), 101, undefined],
  ['a tunnel', () => send('/ok', { method: 'CONNECT' }), 101, undefined],
  ['a refused connection', () => send('/ok', { port: 1 }), undefined, 'ECONNREFUSED'],
  ['a name that does not exist', () => send('/ok', { host: 'name.invalid' }), undefined, 'ENOTFOUND'],
  ['a connection closed without an answer', () => send('/destroy'), undefined, 'ECONNRESET'],
  ['an answer that is not HTTP', () => send('/garbage'), undefined, 'HPE_INVALID_CONSTANT'],
  ['an answer that breaks off', () => send('/cut'), 200, 'ECONNRESET'],
  ['a request destroyed before it has a socket', () => destroyed(make('/ok')), undefined, 'ECONNRESET'],
  [
    'a request destroyed with an error',
    () => destroyed(make('/ok'), new RangeError()),
    undefined,
    'RangeError',
  ],
  ['a request aborted before it has a socket', () => aborted(make('/hang')), undefined, 'AbortError'],
  ['a signal that aborts', () => send('/hang', { signal: AbortSignal.timeout(5) }), undefined, 'AbortError'],
  [
    'a timeout after which the app gives up',
    () => {
      const request = send('/hang', { timeout: 5 });
      return request.on('timeout', () => request.destroy());
    },
    undefined,
    'ECONNRESET',
  ],
  [
    'an answer that the app no longer wants',
    () => send('/half', {}, (response) => response.destroy()),
    200,
    undefined,
  ],
  [
    'a request that it destroys then',
    () => send('/half', {}, (_response, request) => request.destroy()),
    200,
    undefined,
  ],
  [
    'a request that it destroys then with an error',
    () => send('/half', {}, (_response, request) => request.destroy(new RangeError())),
    200,
    'RangeError',
  ],
];

describe('a request by node:http', () => {
  for (const [what, how, status, errorType] of CASES) {
    it(`is recorded once for ${what}`, async () => {
      await over(how());
      assert.deepEqual(
        calls.map((call) => [call.status, call.errorType]),
        [[status, errorType]],
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
