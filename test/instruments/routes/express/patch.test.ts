import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Layer } from '../../../../src/instruments/routes/express/layer.ts';
import { patchLayer } from '../../../../src/instruments/routes/express/patch.ts';
import { guard, logged } from '../../http/measured.ts';

/** A layer of a class that is patched just now, and what its method was called with. */
function patched(handle: (...args: unknown[]) => unknown) {
  const calls: { self: unknown; args: unknown[] }[] = [];
  class TestLayer {
    readonly route: unknown = { path: '/x/:id', stack: [] };
    handleRequest(_request: unknown, _response: unknown, _next: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: all of them count here
      const args = [...arguments];
      calls.push({ self: this, args });
      return handle(...args);
    }
  }
  const layer = new TestLayer();
  const isPatched = (): boolean => patchLayer(layer as unknown as Layer, guard);
  assert.equal(isPatched(), true);
  return { layer, calls, prototype: TestLayer.prototype, again: isPatched };
}

describe('a patched layer', () => {
  it('passes on this, every argument and the result', () => {
    const { layer, calls } = patched(() => 'result');
    const args = [{ baseUrl: '', url: '/x/1' }, { headersSent: false }, () => {}, 'more'] as const;
    assert.equal(Reflect.apply(layer.handleRequest, layer, args), 'result');
    assert.equal(calls[0]?.self, layer);
    assert.deepEqual(calls[0]?.args, args);
  });

  it('lets an error through, the same one', () => {
    const error = new Error('of the app');
    const { layer } = patched(() => {
      throw error;
    });
    assert.throws(
      () => layer.handleRequest({}, {}, undefined),
      (thrown) => thrown === error,
    );
  });

  it('keeps the name and the number of parameters', () => {
    const { prototype } = patched(() => undefined);
    assert.equal(prototype.handleRequest.name, 'handleRequest');
    assert.equal(prototype.handleRequest.length, 3);
  });

  it('is patched once for a class', () => {
    const { again, prototype } = patched(() => undefined);
    const once = prototype.handleRequest;
    assert.equal(again(), false);
    assert.equal(prototype.handleRequest, once);
  });

  it('runs the app when our own part fails, and logs that once', () => {
    const { layer, calls } = patched(() => 'result');
    const frozen = Object.freeze({ url: '/x/1' });
    for (let i = 0; i < 2; i++) assert.equal(layer.handleRequest(frozen, {}, undefined), 'result');
    assert.equal(calls.length, 2);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /internal error at express\.layer, the app is not affected/);
  });
});

describe('what is not a layer', () => {
  const cases: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['a plain object, as connect has', { route: '/x', handle: () => undefined }],
    ['an object without a prototype', Object.create(null)],
    ['a class without the method', new (class {})()],
  ];
  for (const [title, candidate] of cases) {
    it(`is left alone: ${title}`, () => assert.equal(patchLayer(candidate as Layer, guard), false));
  }
});
