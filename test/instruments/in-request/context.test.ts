import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import {
  createRequestContexts,
  type RequestContext,
  type RequestContexts,
} from '../../../src/instruments/in-request/context.ts';

interface Entered {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: RequestContext;
}

/** A request that begins in a callback of its own, as each does that Node.js reads, and what is done there. */
function enter(
  contexts: RequestContexts,
  run: (context: RequestContext) => unknown = () => {},
): Promise<Entered> {
  const message = new IncomingMessage(new Socket());
  const response = new ServerResponse(message);
  return new Promise((resolve) => {
    setImmediate(async () => {
      const context = contexts.enter({
        request: message,
        response,
        incomingUrl: '/',
        tags: undefined,
        kindSoFar: () => undefined,
      });
      await run(context);
      resolve({ message, response, context });
    });
  });
}

/** For the time of a test. */
function contextsFor(test: { after(end: () => void): void }): RequestContexts {
  const contexts = createRequestContexts(false);
  test.after(() => contexts.stop());
  return contexts;
}

describe('a request', () => {
  it('is the context of everything that it causes, and of nothing else', async (test) => {
    const contexts = contextsFor(test);
    const seen: (RequestContext | undefined)[] = [];
    const see = (): void => void seen.push(contexts.current()?.request);
    const seeTwice = (): Promise<void> => {
      see();
      return new Promise((resolve) => setImmediate(() => resolve(see())));
    };
    const [first, second] = await Promise.all([enter(contexts, seeTwice), enter(contexts, seeTwice)]);
    assert.equal(contexts.current(), undefined);
    assert.deepEqual(seen, [first.context, second.context, first.context, second.context]);
  });

  it('ends where nothing continues it', async (test) => {
    const contexts = contextsFor(test);
    await enter(contexts, (context) => {
      contexts.continue(undefined);
      assert.equal(contexts.current(), undefined);
      contexts.continue(context);
      assert.equal(contexts.current(), context);
    });
  });
});

describe('an event of a request or its response', () => {
  for (const what of ['message', 'response'] as const) {
    it(`is emitted in the request wherever it comes from: ${what}`, async (test) => {
      const contexts = contextsFor(test);
      const [first, second] = await Promise.all([enter(contexts), enter(contexts)]);
      const outside = new AsyncResource('CONNECTION');
      const seen: unknown[] = [];
      for (const entered of [first, second]) {
        entered[what].on('data', (...given) => seen.push([contexts.current(), ...given]));
        assert.equal(
          outside.runInAsyncScope(() => entered[what].emit('data', 1, 2)),
          true,
        );
        assert.equal(entered[what].emit('nobody listens'), false);
      }
      assert.deepEqual(seen, [
        [first.context, 1, 2],
        [second.context, 1, 2],
      ]);
      assert.equal(contexts.current(), undefined);
    });
  }

  it('is unchanged for messages outside of requests, and errors pass through', (test) => {
    const contexts = contextsFor(test);
    const message = new IncomingMessage(new Socket());
    message.on('data', () => {
      assert.equal(contexts.current(), undefined);
      throw new RangeError('no');
    });
    assert.throws(() => message.emit('data'), RangeError);
  });

  it('is restored when requests are no longer tracked', async () => {
    const methods = (): unknown[] =>
      [IncomingMessage, ServerResponse].map(({ prototype }) =>
        Object.getOwnPropertyDescriptor(prototype, 'emit'),
      );
    const before = methods();
    const contexts = createRequestContexts(false);
    assert.notDeepEqual(methods(), before);
    contexts.stop();
    assert.deepEqual(methods(), before);
  });

  it('keeps what other code has made of it since, and then belongs to no request', async () => {
    const contexts = createRequestContexts(false);
    const { message } = await enter(contexts);
    const ours = IncomingMessage.prototype.emit;
    let theirs = 0;
    IncomingMessage.prototype.emit = function (this: IncomingMessage, ...event: Parameters<typeof ours>) {
      theirs++;
      return ours.apply(this, event);
    } as typeof ours;
    contexts.stop();
    let seen: unknown = 'nothing';
    message.on('data', () => {
      seen = contexts.current();
    });
    message.emit('data');
    assert.deepEqual([theirs, seen], [1, undefined]);
    Reflect.deleteProperty(IncomingMessage.prototype, 'emit');
  });
});
