import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Module } from 'node:module';
import { after, afterEach, describe, it } from 'node:test';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import type { Call } from '../../../src/instruments/http-client/attributes.ts';
import { measureFetch } from '../../../src/instruments/http-client/fetch.ts';
import { startPeer } from './peer.ts';

const { require: requireBefore } = Module.prototype;
const { getBuiltinModule: getBuiltinBefore } = process;

const { base, port, server } = await startPeer();
const calls: Call[] = [];
let wake = (): void => {};
const end = measureFetch({
  record: (seconds, call) => {
    assert.ok(seconds >= 0);
    calls.push(call);
    wake();
  },
  guard: createGuard(createLog('info', assert.fail)),
});
after(end);
afterEach(() => {
  calls.length = 0;
});

async function recorded(count: number): Promise<void> {
  while (calls.length < count) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  // One too many would follow at once.
  await new Promise(setImmediate);
}

const text = async (path: string, init?: RequestInit): Promise<unknown> =>
  (await fetch(base + path, init)).text();

/** Aborts what is with the peer: of a request without a connection undici tells no reason, only that it was aborted. */
async function abort(path: string, reason?: () => unknown): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  void once(server, 'request').then(async () => {
    if (path === '/hang') controller.abort(await reason?.());
  });
  const response = await fetch(base + path, { signal });
  controller.abort();
  return response.text();
}

async function abortUnconnected(): Promise<unknown> {
  const controller = new AbortController();
  const response = fetch(`http://localhost:${port}/ok`, { signal: controller.signal });
  process.nextTick(() => controller.abort(new RangeError()));
  return response;
}

async function timeoutReason(): Promise<unknown> {
  const timeout = AbortSignal.timeout(1);
  await once(timeout, 'abort');
  return timeout.reason;
}

/** [what, how, status and error.type of what is recorded] */
const CASES: readonly (readonly [what: string, how: () => Promise<unknown>, ...outcomes: string[]])[] = [
  ['an answer', () => text('/ok'), '200'],
  ['an answer to HEAD', () => text('/ok', { method: 'HEAD' }), '200'],
  ['a body', () => text('/ok', { method: 'POST', body: 'body' }), '200'],
  ['no content', () => text('/status/204'), '204'],
  ['an answer after early hints', () => text('/early'), '200'],
  ['a redirect and what it leads to', () => text('/redirect'), '302', '200'],
  ['an error of the client', () => text('/status/404'), '404 404'],
  ['an error of the server', () => text('/status/503'), '503 503'],
  ['a refused connection', () => fetch('http://127.0.0.1:2'), 'ECONNREFUSED'],
  ['a name that does not exist', () => fetch('http://name.invalid'), 'ENOTFOUND'],
  ['a connection closed without an answer', () => text('/destroy'), 'UND_ERR_SOCKET'],
  ['an answer that breaks off', () => text('/cut'), '200 UND_ERR_SOCKET'],
  ['a request aborted', () => abort('/hang'), 'AbortError'],
  ['a request aborted for a reason', () => abort('/hang', () => new RangeError()), 'RangeError'],
  ['a timeout', () => abort('/hang', timeoutReason), 'TimeoutError'],
  ['a request aborted before it has a connection', abortUnconnected, 'AbortError'],
  ['an answer aborted', () => abort('/half'), '200'],
  ['an answer not read to the end', async () => (await fetch(`${base}/large`)).body?.cancel(), '200'],
  ['an answer that nobody reads', () => fetch(`${base}/ok`), '200'],
];

describe('a request by fetch', () => {
  for (const [what, how, ...outcomes] of CASES) {
    it(`is recorded once for ${what}`, async () => {
      await how().catch(() => undefined);
      await recorded(outcomes.length);
      assert.deepEqual(
        calls.map((call) => [call.status, call.errorType].filter(Boolean).join(' ')),
        outcomes,
      );
    });
  }

  it('has the attributes that the conventions require', async () => {
    await text('/ok', { method: 'PROPFIND' });
    await recorded(1);
    assert.deepEqual(calls, [
      {
        address: '127.0.0.1',
        port,
        method: '_OTHER',
        status: 200,
        errorType: undefined,
        scheme: 'http',
        protocolVersion: '1.1',
      },
    ]);
  });

  it('names an address of IPv6 without brackets', async () => {
    await fetch('http://[::1]:2').catch(() => undefined);
    await recorded(1);
    assert.equal(calls[0]?.address, '::1');
  });

  it('names the host that it is for, not one that its path seems to name', async () => {
    await text('//name.invalid/');
    await recorded(1);
    assert.equal(calls[0]?.address, '127.0.0.1');
  });
});

describe('measuring', () => {
  it('leaves require as it was', () => {
    assert.equal(Module.prototype.require, requireBefore);
    assert.equal(process.getBuiltinModule, getBuiltinBefore);
  });

  it('records nothing once it has ended', async () => {
    end();
    await text('/ok');
    assert.deepEqual(calls, []);
  });
});
