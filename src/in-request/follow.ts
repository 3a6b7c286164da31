import type { Outcome, Section } from './slot.ts';

const FINE: Outcome = { failed: false };

/** Runs a function as part of a section that ends when what it returns is settled, done, or there. */
export function follow<Result>(section: Section, work: () => Result): Result {
  let result: Result;
  try {
    result = section.run(work);
  } catch (error) {
    section.end({ failed: true, error });
    throw error;
  }
  if (typeof result !== 'object' || result === null) {
    section.end(FINE);
    return result;
  }
  if (result instanceof Promise) return settle(section, result) as Result;
  const kind = Object.prototype.toString.call(result);
  if (kind === '[object Generator]') return generator(section, result as never) as Result;
  if (kind === '[object AsyncGenerator]') return asyncGenerator(section, result as never) as Result;
  if (!followThen(section, result)) section.end(FINE);
  return result;
}

/**
 * What is returned in place of a promise: one that was only listened to would count as handled, and its rejection
 * would go unnoticed.
 */
function settle<Value>(section: Section, promise: Promise<Value>): Promise<Value> {
  return promise.then(
    (value) => {
      section.end(FINE);
      return value;
    },
    (error) => {
      section.end({ failed: true, error });
      throw error;
    },
  );
}

type Then = (
  this: unknown,
  onFulfilled?: ((value: unknown) => unknown) | null,
  onRejected?: ((error: unknown) => unknown) | null,
) => unknown;

/**
 * A promise of another kind, such as a query that runs when its `then` is called, and that has methods of its own: it
 * stays the object it is, and its `then` tells us.
 *
 * @returns whether it is one
 */
function followThen(section: Section, result: object): boolean {
  try {
    const then: unknown = Reflect.get(result, 'then');
    if (typeof then !== 'function') return false;
    const original = then as Then;
    const replaced: Then = function (onFulfilled, onRejected) {
      return original.call(
        this,
        (value) => {
          section.end(FINE);
          return typeof onFulfilled === 'function' ? onFulfilled(value) : value;
        },
        (error) => {
          section.end({ failed: true, error });
          if (typeof onRejected === 'function') return onRejected(error);
          throw error;
        },
      );
    };
    return Reflect.defineProperty(result, 'then', { value: replaced, configurable: true, writable: true });
  } catch {
    return false;
  }
}

/** A generator with the prototype of the given one, so that it is what the app expects. */
function generator(section: Section, inner: Generator): Generator {
  const step = (advance: () => IteratorResult<unknown>): IteratorResult<unknown> => {
    let result: IteratorResult<unknown>;
    try {
      result = section.run(advance);
    } catch (error) {
      section.end({ failed: true, error });
      throw error;
    }
    if (result.done) section.end(FINE);
    return result;
  };
  return like(inner, {
    next: (...sent: [] | [unknown]) => step(() => inner.next(...sent)),
    return: (value: unknown) => step(() => inner.return(value)),
    throw: (error: unknown) => step(() => inner.throw(error)),
  });
}

function asyncGenerator(section: Section, inner: AsyncGenerator): AsyncGenerator {
  const step = (advance: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> =>
    section.run(advance).then(
      (result) => {
        if (result.done) section.end(FINE);
        return result;
      },
      (error) => {
        section.end({ failed: true, error });
        throw error;
      },
    );
  return like(inner, {
    next: (...sent: [] | [unknown]) => step(() => inner.next(...sent)),
    return: (value: unknown) => step(() => inner.return(value)),
    throw: (error: unknown) => step(() => inner.throw(error)),
  });
}

function like<Inner extends object>(inner: Inner, methods: Pick<Inner, never> & object): Inner {
  const outer = Object.create(Object.getPrototypeOf(inner)) as Inner;
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(outer, name, { value, configurable: true, writable: true });
  }
  return outer;
}
