import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { followContexts } from '../../../../src/instruments/routes/koa/contexts.ts';

interface Context {
  readonly req: IncomingMessage;
  readonly by: string;
}

/** As Koa has it, so far as it is patched. */
function koa() {
  return class Koa {
    createContext(req: IncomingMessage, _res: ServerResponse): Context {
      return { req, by: 'koa' };
    }

    handleRequest(context: Context, middleware: (context: Context) => unknown): unknown {
      return middleware(context);
    }

    handle(middleware: (context: Context) => unknown): unknown {
      const request = new IncomingMessage(new Socket());
      return this.handleRequest(this.createContext(request, new ServerResponse(request)), middleware);
    }
  };
}

/** Patched twice, as by two patches that come to the same class; and what is heard. */
function followed() {
  const Koa = koa();
  const heard: [request: IncomingMessage, context: Context][] = [];
  for (let patches = 0; patches < 2; patches++) {
    followContexts<Context>(Koa, (request, context) => heard.push([request, context]));
  }
  return { Koa, heard };
}

const stack = (): string => new Error().stack ?? '';
const OURS = /routes\/koa\/contexts\.ts|guest\/replace\.ts/;

describe('the contexts of Koa', () => {
  it('are heard of before the first middleware, with their request', () => {
    const { Koa, heard } = followed();
    const given = new Koa().handle((context) => {
      assert.deepEqual(heard, [[context.req, context]]);
      return context;
    });
    assert.equal(heard[0]?.[1], given);
  });

  it('are heard of where a framework makes them by itself', () => {
    const { Koa, heard } = followed();
    class Egg extends Koa {
      override createContext(req: IncomingMessage): Context {
        return { req, by: 'egg' };
      }
    }
    const given = new Egg().handle((context) => context);
    assert.deepEqual(
      heard.map(([, context]) => context),
      [given],
    );
  });

  it('are heard of in a copy of the methods', () => {
    const { Koa, heard } = followed();
    const copy: unknown = Object.defineProperties({}, Object.getOwnPropertyDescriptors(Koa.prototype));
    (copy as InstanceType<typeof Koa>).handle((context) => context);
    assert.equal(heard.length, 1);
  });

  it('leave no function of ours in the stack of middleware', () => {
    const { Koa } = followed();
    assert.doesNotMatch(String(new Koa().handle(stack)), OURS);
  });

  it('leave the methods as they are to who looks at them', () => {
    const { Koa } = followed();
    for (const name of ['createContext', 'handleRequest'] as const) {
      const [patched, original] = [Koa.prototype[name], koa().prototype[name]];
      assert.deepEqual([patched.name, patched.length], [original.name, original.length]);
    }
    assert.deepEqual(Object.keys(Koa.prototype), []);
  });

  it('leave an app free to replace a method', () => {
    const { Koa } = followed();
    const app = new Koa();
    app.handleRequest = () => 'replaced';
    assert.equal(
      app.handle(() => 'called'),
      'replaced',
    );
    assert.deepEqual(Object.keys(app), ['handleRequest']);
    assert.equal(
      new Koa().handle(() => 'called'),
      'called',
    );
  });

  for (const [what, Application] of [
    ['another class', class {}],
    [
      'a class whose method takes something else',
      class {
        createContext(_all: unknown) {}
      },
    ],
    ['no class', () => {}],
  ] as const) {
    it(`are not known of ${what}`, () =>
      assert.equal(
        followContexts(Application, () => {}),
        false,
      ));
  }
});
