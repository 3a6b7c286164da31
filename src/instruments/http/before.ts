type Method = (this: object, ...given: unknown[]) => unknown;

/**
 * Has a method of one object called with other arguments. The object's class stays as it is, and the method can be
 * replaced by the app as always.
 *
 * @returns a function that undoes this, unless somebody else has replaced the method since
 */
export function withArguments(
  object: object,
  name: string,
  change: (...given: unknown[]) => readonly unknown[],
): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  const method = Reflect.get(object, name) as Method;
  const value: Method = function (...given) {
    return Reflect.apply(method, this, change(...given));
  };
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => {
    if (Reflect.get(object, name) !== value) return;
    if (own === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, own);
  };
}

/** Has a method of one object call back with its arguments first. */
export function before(object: object, name: string, callback: (...given: unknown[]) => void): () => void {
  return withArguments(object, name, (...given) => {
    callback(...given);
    return given;
  });
}
