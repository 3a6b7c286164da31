import type { Log } from './log.ts';
import { describe } from './text.ts';

/** Every place where the app's own calls and events run code of ours. */
export const PLACES = [
  'api.register',
  'exit',
  'express.layer',
  'express.route',
  'fastify.initialization',
  'fastify.request',
  'group',
  'http.client',
  'http.connection',
  'http.request.start',
  'http.response.finish',
  'http.socket.close',
  'http.upgrade',
  'in-request',
  'listen',
  'meter',
  'observable',
  'otel.record',
  'prometheus.request',
  'push',
  'route',
  'runtime',
  'signal',
] as const;
export type Place = (typeof PLACES)[number];

/**
 * Wraps a callback of ours so that nothing it throws reaches the app: it is logged once per place, and the call
 * returns undefined.
 */
export type Guard = <A extends unknown[], R>(
  place: Place,
  callback: (...args: A) => R,
) => (...args: A) => R | undefined;

/** Places that a test makes fail: `globalThis[FAULTS] = new Set(['listen'])` before the preload. */
const FAULTS = Symbol.for('routemeter.faults');

export function createGuard(log: Log): Guard {
  const faults: unknown = Reflect.get(globalThis, FAULTS);
  return (place, callback) => {
    const faulty = faults instanceof Set && faults.has(place);
    return function (this: unknown, ...args) {
      try {
        if (faulty) throw new Error(`injected at ${place}`);
        return callback.apply(this, args);
      } catch (error) {
        log.once(
          `guard:${place}`,
          'error',
          `internal error at ${place}, the app is not affected: ${describe(error)}`,
        );
        return undefined;
      }
    };
  };
}
