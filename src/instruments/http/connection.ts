import type { ServerResponse } from 'node:http';
import type { MeasuredRequest } from './measured-request.ts';
import type { ActiveRequests } from './request-metrics.ts';

const NONE: readonly MeasuredRequest[] = [];

/** A connection that carries requests of HTTP/1, one after the other: their answers go out in the order in which they came. */
export class Connection {
  readonly scheme: 'http' | 'https';
  /** The engine that watches it; a connection may outlive an engine. */
  engine: object;
  /** Whether it leads to a server of ours, whose requests are not measured. */
  isOwn: boolean;
  /** Whether the engine looks after it when metrics are collected. */
  isHeld = false;
  /** Whether the server has closed its side before the client did. */
  isEndedByServer = false;
  /** As what its last request counted: the next one nearly always has the same method. */
  active: ActiveRequests | undefined = undefined;
  /** The open request whose answer is next; undefined if no request is open. */
  first: MeasuredRequest | undefined = undefined;
  /** The open requests after it: there are any only if the client does not wait for answers. */
  #pipelined = NONE;

  constructor(scheme: 'http' | 'https', engine: object, isOwn: boolean) {
    this.scheme = scheme;
    this.engine = engine;
    this.isOwn = isOwn;
  }

  add(measurement: MeasuredRequest): void {
    if (this.first === undefined) this.first = measurement;
    else this.#pipelined = [...this.#pipelined, measurement];
  }

  /** Takes out the request of a response; undefined if it is not measured. */
  take(response: ServerResponse): MeasuredRequest | undefined {
    const { first } = this;
    if (first?.response === response) {
      this.first = undefined;
      if (this.#pipelined.length > 0) [this.first, ...this.#pipelined] = this.#pipelined;
      return first;
    }
    const later = this.#pipelined.find((each) => each.response === response);
    if (later !== undefined) this.#pipelined = this.#pipelined.filter((each) => each !== later);
    return later;
  }

  /** The open requests, in the order in which they came. */
  open(): readonly MeasuredRequest[] {
    return this.first === undefined ? NONE : [this.first, ...this.#pipelined];
  }
}
