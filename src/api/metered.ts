import { follow } from './follow.ts';
import { importedSlot } from './slot.ts';

const shared = importedSlot();

/**
 * Wraps a function or a handler so that each call is timed as by `time`. `metered(checkout)` is `checkout_seconds` in
 * Prometheus: its `_count` is the number of calls, and series with an `error_type` are those that failed. A promise is
 * timed until it settles, a generator until it is done.
 *
 * The wrapper has the type, name, number of parameters and own properties of the function; `this`, arguments, results
 * and errors pass through.
 *
 * @param name by default the function's own
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

/** Empty for a function whose name cannot be read. */
function nameOf(fn: { readonly name: string } | undefined): string {
  try {
    return fn?.name ?? '';
  } catch {
    return '';
  }
}
