type Method = (this: never, ...args: never[]) => unknown;

/**
 * Puts a method in place of another. The new one has the name, the length and the attributes of the old one, so that
 * nothing that lists or inspects the object sees a difference.
 *
 * @param make called with the method as it was
 * @returns the new one
 */
export function replaceMethod<M extends Method>(owner: object, name: string, make: (original: M) => M): M {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const replacement = likeness(descriptor?.value as M, make);
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
  return replacement;
}

/**
 * Gives the apps of an object another method, depending on which app asks for it.
 *
 * @param choose whether the object, or what inherits from it, gets the new one
 */
export function replaceMethodWhere<M extends Method>(
  owner: object,
  name: string,
  make: (original: M) => M,
  choose: (app: object) => boolean,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original = descriptor?.value as M;
  const replacement = likeness(original, make);
  const accessor: PropertyDescriptor & ThisType<object> = {
    configurable: true,
    enumerable: descriptor?.enumerable ?? false,
    get() {
      return choose(this) ? replacement : original;
    },
    set(value: unknown) {
      const { enumerable = true } = Object.getOwnPropertyDescriptor(this, name) ?? {};
      Object.defineProperty(this, name, { configurable: true, enumerable, writable: true, value });
    },
  };
  Object.defineProperty(owner, name, accessor);
}

function likeness<M extends Method>(original: M, make: (original: M) => M): M {
  const replacement = make(original);
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
  return replacement;
}
