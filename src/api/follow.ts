import type { Outcome, Section } from './slot.ts';

const FINE: Outcome = { failed: false };

/** Runs a function as part of a section, which ends with the promise or generator that is returned, else at once. */
export function follow<Result>(section: Section, work: () => Result): Result {
  let result: Result;
  try {
    result = section.run(work);
  } catch (error) {
    section.end({ failed: true, error });
    throw error;
  }
  switch (kindOf(result)) {
    case 'promise':
      return settle(section, result as Promise<unknown>) as Result;
    case 'generator':
      return generator(section, result as Generator) as Result;
    case 'async generator':
      return asyncGenerator(section, result as AsyncGenerator) as Result;
    case 'thenable':
      if (!followThen(section, result as object)) section.end(FINE);
      return result;
    default:
      section.end(FINE);
      return result;
  }
}

type Kind = 'promise' | 'generator' | 'async generator' | 'thenable' | undefined;

/** Undefined for a plain value, and for a proxy that throws when it is looked at. */
function kindOf(result: unknown): Kind {
  if (typeof result !== 'object' || result === null) return undefined;
  try {
    if (result instanceof Promise && Object.getPrototypeOf(result) === Promise.prototype) return 'promise';
    const tag = Object.prototype.toString.call(result);
    if (tag === '[object Generator]') return 'generator';
    if (tag === '[object AsyncGenerator]') return 'async generator';
    return typeof Reflect.get(result, 'then') === 'function' ? 'thenable' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The promise to return in place of the given one. Merely listening to that one would count as handling its rejection,
 * which would go unnoticed. Properties that a library has put on the promise are copied.
 */
function settle<Value>(section: Section, promise: Promise<Value>): Promise<Value> {
  const settled = promise.then(
    (value) => {
      section.end(FINE);
      return value;
    },
    (error) => {
      section.end({ failed: true, error });
      throw error;
    },
  );
  for (const name of Object.getOwnPropertyNames(promise)) {
    const property = Object.getOwnPropertyDescriptor(promise, name);
    if (property !== undefined) Object.defineProperty(settled, name, property);
  }
  return settled;
}

type Then = (
  this: unknown,
  onFulfilled?: ((...values: unknown[]) => unknown) | null,
  onRejected?: ((...errors: unknown[]) => unknown) | null,
  ...others: unknown[]
) => unknown;

/** The sections that end with a thenable whose `then` has not been called yet. */
const followed = new WeakMap<object, Section[]>();
/** For one thenable: a query builder may return itself from each of its methods. */
const MOST_SECTIONS = 100;

/**
 * Follows a thenable that is not a plain promise, such as a query that runs when its `then` is called. The app keeps
 * the object with its methods; its `then` is replaced until it is called for the first time.
 *
 * @returns whether `then` could be replaced
 */
function followThen(section: Section, result: object): boolean {
  const sections = followed.get(result);
  if (sections !== undefined) return sections.length < MOST_SECTIONS && sections.push(section) > 0;
  try {
    const own = Object.getOwnPropertyDescriptor(result, 'then');
    const original = Reflect.get(result, 'then') as Then;
    const ending = [section];
    const end = (outcome: Outcome): void => {
      for (const each of ending) each.end(outcome);
    };
    const replaced: Then = function (onFulfilled, onRejected, ...others) {
      followed.delete(result);
      if (Object.getOwnPropertyDescriptor(result, 'then')?.value === replaced) {
        if (own === undefined) Reflect.deleteProperty(result, 'then');
        else Reflect.defineProperty(result, 'then', own);
      }
      return original.call(
        this,
        (...values) => {
          end(FINE);
          return typeof onFulfilled === 'function' ? onFulfilled(...values) : values[0];
        },
        (...errors) => {
          end({ failed: true, error: errors[0] });
          if (typeof onRejected === 'function') return onRejected(...errors);
          throw errors[0];
        },
        ...others,
      );
    };
    const defined = Reflect.defineProperty(result, 'then', {
      value: replaced,
      configurable: true,
      writable: true,
    });
    if (defined) followed.set(result, ending);
    return defined;
  } catch {
    return false;
  }
}

/** A generator with the prototype of the given one, so that the app can use it as that. */
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
