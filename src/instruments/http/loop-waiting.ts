/** The event loop at a moment. */
export interface LoopPoint {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** Milliseconds for which the loop has slept so far. */
  readonly idle: number;
  /** How often the loop has asked the system for what has arrived. */
  readonly looks: number;
}

/** When a connection is thought to have arrived, and where the loop was when it was accepted. */
export interface Accepted {
  readonly arrived: number;
  readonly at: LoopPoint;
}

/** Connections that are accepted at one look after the other, since the system had more of them than were taken. */
interface Backlog {
  /** When it was empty, in milliseconds. */
  readonly since: number;
  looked: number;
  last: LoopPoint;
  count: number;
  /** By how much those that were accepted have been given too long a time. */
  excess: number;
}

/** In milliseconds, how often `tick` must be called while the loop is not blocked. */
export const TICK_MILLIS = 10;
/** Timers are late by up to 2 ms. */
const LONGEST_UNSEEN = TICK_MILLIS + 2;

/**
 * Estimates how long a request waited in the system while the event loop did something else. Nobody tells when it
 * arrived. But the loop takes everything that has arrived when it looks, so it arrived after the look before, at any
 * moment alike, and half of the time between both is right on average; what the loop does between the look and the
 * request is added. If the loop slept until the request came, it has not waited.
 *
 * The ticks tell when the loop has looked without finding a request, and when it has slept before a block.
 */
export class LoopWaiting {
  #last: LoopPoint;
  /** What arrived before has been found. */
  #looked: number;
  /** What those that the last look found had waited until then, on average. */
  #before = 0;
  #backlog: Backlog | undefined = undefined;

  constructor(now: LoopPoint) {
    this.#last = now;
    this.#looked = now.now;
  }

  /** To be called by a timer. */
  tick(point: LoopPoint): void {
    const { idle, busy, looks } = this.#pass(point);
    if (looks === 0) return;
    // Only the last turn of the loop can have been longer than what is left of the time between ticks.
    const last = looks === 1 ? busy : Math.max(busy / looks, busy - Math.max(0, LONGEST_UNSEEN - idle));
    this.#looked = point.now - last;
    this.#before = 0;
  }

  /**
   * To be called when a request begins or a connection is accepted.
   * @param accepted the connection of the request, if that is known
   * @returns milliseconds
   */
  arrive(point: LoopPoint, accepted?: Accepted): number {
    const waited = this.#waited(point);
    // What a new connection brings along is read one look later, and may be as old as the connection.
    const isFirst = accepted?.at.idle === point.idle && point.looks - accepted.at.looks <= 1;
    return isFirst ? point.now - accepted.arrived : waited;
  }

  /**
   * To be called when a connection is accepted. Node.js may accept only one at each look, so that they wait for more than
   * one. All that are accepted in a row came at any moment alike since there was none. With each it gets clearer until
   * when; what those before have had too much, it has less.
   */
  accept(point: LoopPoint): Accepted {
    const waited = this.#waited(point);
    const looked = this.#looked;
    const { last } = this.#backlog ?? {};
    const isNext = last?.idle === point.idle && point.looks - last.looks <= 1;
    if (this.#backlog === undefined || !isNext) {
      const since = looked - 2 * this.#before;
      this.#backlog = { since, looked, last: point, count: 1, excess: 0 };
      return { arrived: point.now - waited, at: point };
    }
    const backlog = this.#backlog;
    backlog.excess += (backlog.count * (looked - backlog.looked)) / 2;
    const half = (looked - backlog.since) / 2;
    const less = Math.min(half, backlog.excess);
    backlog.excess -= less;
    backlog.count++;
    backlog.looked = looked;
    backlog.last = point;
    return { arrived: looked - half + less, at: point };
  }

  #waited(point: LoopPoint): number {
    const { idle, busy, looks } = this.#pass(point);
    if (looks > 0) {
      if (looks > 1) {
        // It arrived while the loop slept, or while it was busy, and then waited for half of that.
        this.#before = busy === 0 ? 0 : busy ** 2 / (idle + busy) / 2;
      } else this.#before = idle > 0 ? 0 : (point.now - this.#looked) / 2;
      this.#looked = point.now;
    }
    return point.now - this.#looked + this.#before;
  }

  #pass(point: LoopPoint): { idle: number; busy: number; looks: number } {
    const { now, idle, looks } = this.#last;
    this.#last = point;
    const slept = Math.max(0, point.idle - idle);
    return { idle: slept, busy: Math.max(0, point.now - now - slept), looks: point.looks - looks };
  }
}
