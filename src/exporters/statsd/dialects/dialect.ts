/** A tag as it comes from an attribute: the key made of letters, digits and `_`, the value any text, never empty. */
export type Tag = readonly [key: string, value: string];

/** What stands around a line's value: `before:value|type|@rate` and `after`. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

/** How one kind of StatsD server wants its lines. */
export interface Dialect {
  /** Where the format is written down. */
  readonly specification: string;
  /**
   * - `family`: as Prometheus calls the metric, with its unit, `http_server_request_duration_seconds`
   * - `instrument`: as OpenTelemetry calls it, `http.server.request.duration`
   * - `hierarchy`: as OpenTelemetry calls it, followed by the values of attributes, since there are no tags
   */
  readonly names: 'family' | 'instrument' | 'hierarchy';
  /**
   * What a histogram's samples are sent as. By `ms` durations are in milliseconds, whatever the instrument's unit;
   * otherwise values are in the instrument's own unit.
   */
  readonly distribution: 'd' | 'h' | 'ms';
  /**
   * How many requests a sample stands for:
   * - `rate`: `|@0.1` for ten of them
   * - `repeat`: the sample ten times, for servers that ignore the rate of a timer
   */
  readonly weight: 'rate' | 'repeat';
  /**
   * How the samples of a series share a line; each has a line of its own unless given:
   * - `samples`: `name:1|ms:2|ms`
   * - `values`: `name:1:2|d|@0.5`, those of one rate
   */
  readonly joined?: 'samples' | 'values';
  /** Counters must be integers: the fraction waits until it has become one. */
  readonly wholeCounts?: true;
  /** On a Unix stream socket each packet is preceded by its length, a little-endian uint32. */
  readonly framed?: true;
  /** @param name letters, digits, `_`, `-` and `.` */
  frame(name: string, tags: readonly Tag[]): Frame;
}

/** Text without what would end a line, on any server, and without halves of surrogate pairs. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '_').replace(/\p{Surrogate}/gu, '\uFFFD');
}
