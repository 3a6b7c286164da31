/** From an attribute: the key consists of letters, digits and `_`; the value is any text but the empty one. */
export type Tag = readonly [key: string, value: string];

/** The text around a line's value: `before:value|type|@rate` and `after`. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

/** How one kind of StatsD server expects its lines. */
export interface Dialect {
  /** Where the format is written down. */
  readonly specification: string;
  /**
   * - `family`: as Prometheus calls the metric, with its unit, `http_server_request_duration_seconds`
   * - `instrument`: as OpenTelemetry calls it, `http.server.request.duration`
   * - `hierarchy`: as OpenTelemetry calls it, followed by the attributes' values, for servers without tags
   */
  readonly names: 'family' | 'instrument' | 'hierarchy';
  /**
   * The type of a histogram's samples. With `ms`, durations are converted to milliseconds; otherwise values are in
   * the instrument's own unit.
   */
  readonly distribution: 'd' | 'h' | 'ms';
  /**
   * How a sample stands for ten values:
   * - `rate`: by `|@0.1`
   * - `repeat`: by being there ten times, for servers that ignore the rate of a timer
   */
  readonly weight: 'rate' | 'repeat';
  /**
   * How the samples of a series share a line; by default each has its own:
   * - `samples`: `name:1|ms:2|ms`
   * - `values`: `name:1:2|d|@0.5`, those with the same rate
   */
  readonly joined?: 'samples' | 'values';
  /** Counters must be integers: a fraction waits until it adds up to one. */
  readonly wholeCounts?: true;
  /** On a Unix stream socket each packet is preceded by its length, a little-endian uint32. */
  readonly framed?: true;
  /** @param name letters, digits, `_`, `-` and `.` */
  frame(name: string, tags: readonly Tag[]): Frame;
}

/** Replaces what would end a line on some server, and lone surrogates. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '_').replace(/\p{Surrogate}/gu, '\uFFFD');
}
