import type { Writable } from 'node:stream';

type Method = (this: object, ...given: unknown[]) => unknown;

/** On a stream: what is called before it is written to. */
const NOTE = Symbol('routemeter.note');
type Noted = Writable & { [NOTE]?: ((chunk: unknown) => void) | undefined };

const METHODS = ['write', 'end'] as const;

/** By class, what stands between it and its streams that are watched. */
const between = new WeakMap<object, object>();

/**
 * Has a stream call back with what is written to it, first. Its prototype is replaced for so long by one that inherits from
 * it: properties that come and go would make V8 keep the stream as a dictionary, in which a connection that lasts for hours
 * would be slower and larger.
 *
 * @returns a function that undoes this, unless somebody else has replaced the prototype since
 */
export function beforeWrite(stream: Noted, callback: (chunk: unknown) => void): () => void {
  const prototype: object = Object.getPrototypeOf(stream);
  const watching = between.get(prototype) ?? createWatching(prototype);
  stream[NOTE] = callback;
  Object.setPrototypeOf(stream, watching);
  return () => {
    stream[NOTE] = undefined;
    if (Object.getPrototypeOf(stream) === watching) Object.setPrototypeOf(stream, prototype);
  };
}

function createWatching(prototype: object): object {
  const watching = Object.create(prototype) as object;
  for (const name of METHODS) {
    const value: Method = function (this: object & { [NOTE]?: Noted[typeof NOTE] }, ...given) {
      this[NOTE]?.(given[0]);
      return Reflect.apply(Reflect.get(prototype, name) as Method, this, given);
    };
    Object.defineProperty(watching, name, { value, configurable: true, writable: true });
  }
  between.set(prototype, watching);
  return watching;
}
