import type { EventEmitter } from 'node:events';

type Listener = (this: unknown, ...given: unknown[]) => unknown;
/** Called in place of the listener that it has in `listener`, as Node.js has it for `once`. */
type Wrapper = Listener & { readonly listener: Listener };

/** Where Node.js keeps the listeners of an emitter: one by itself, several in a list. */
interface Listening {
  readonly _events?: Record<string, Listener | Listener[] | undefined>;
}

/**
 * Calls back before the listeners of an event, in place of the first of them, which is then called. A listener more would
 * be counted: some servers answer an upgrade that they do not know only if nobody else listens for it. Whoever lists,
 * counts or removes listeners finds them as without.
 */
export class FirstListener {
  readonly #event: string;
  readonly #callback: Listener;
  readonly #wrappers = new WeakSet<Listener>();

  /** @param callback called with what the event has; again by a listener that was the first before. Must not throw. */
  constructor(event: string, callback: Listener) {
    this.#event = event;
    this.#callback = callback;
  }

  /** Does nothing while there is no listener. */
  watch(emitter: EventEmitter): void {
    this.#replace(emitter, (listener, index) =>
      index > 0 || this.#wrappers.has(listener) ? listener : this.#wrap(listener),
    );
  }

  stop(emitter: EventEmitter): void {
    this.#replace(emitter, (listener) =>
      this.#wrappers.has(listener) ? (listener as Wrapper).listener : listener,
    );
  }

  #replace(
    { _events = {} }: EventEmitter & Listening,
    by: (listener: Listener, index: number) => Listener,
  ): void {
    const listeners = _events[this.#event];
    if (listeners === undefined) return;
    if (!Array.isArray(listeners)) _events[this.#event] = by(listeners, 0);
    else for (const [index, listener] of listeners.entries()) listeners[index] = by(listener, index);
  }

  #wrap(listener: Listener): Wrapper {
    const callback = this.#callback;
    const wrapper: Listener = function (...given) {
      Reflect.apply(callback, this, given);
      return Reflect.apply(listener, this, given);
    };
    this.#wrappers.add(wrapper);
    return Object.assign(wrapper, { listener });
  }
}
