import { follow } from './follow.ts';
import { slot } from './slot.ts';

const shared = slot();

/**
 * Wraps a function or a handler so that each call is timed as by `time`: `metered(checkout)` is `checkout_seconds` in
 * Prometheus, whose `_count` are the calls, and those with an `error_type` the errors. A promise is timed until it
 * settles, a generator until it is done.
 *
 * What is returned is the function itself to all who look: its type, name, number of parameters and own properties;
 * `this`, arguments, results and errors pass through.
 *
 * @param name the function's own if it is left out
 */
export function metered<F extends (...args: never[]) => unknown>(fn: F, name: string = nameOf(fn)): F {
  if (typeof fn !== 'function') return fn;
  return new Proxy(fn, {
    apply(target, self, args) {
      const section = shared.recorder?.begin(name);
      if (section === undefined) return Reflect.apply(target, self, args);
      return follow(section, () => Reflect.apply(target, self, args));
    },
  });
}

/** Empty for a function that does not tell. */
function nameOf(fn: { readonly name: string } | undefined): string {
  try {
    return fn?.name ?? '';
  } catch {
    return '';
  }
}
