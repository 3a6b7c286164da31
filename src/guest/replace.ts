type Method = (this: never, ...args: never[]) => unknown;

/**
 * Puts a method in place of another. The new one has the name, the length and the attributes of the old one, so that
 * nothing that lists or inspects the object sees a difference.
 *
 * @param make called with the method as it was
 */
export function replaceMethod<M extends Method>(owner: object, name: string, make: (original: M) => M): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original = descriptor?.value as M;
  const replacement = make(original);
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
}
