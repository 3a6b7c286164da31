/** What no run of a program shows about a metric. */
export interface Row {
  readonly metric: string;
  /** When it appears, apart from the switch that it needs. */
  readonly when?: string;
  /** How it adds up over the processes of a group, where its type does not determine that. */
  readonly over?: string;
  /** What an app calls for it. */
  readonly call?: string;
}

export interface Section {
  readonly title: string;
  /** Markdown before the table. */
  readonly text: string;
  readonly rows: readonly Row[];
}

const ENDED = 'from the first request that has ended';
const CALLED = 'when the request of the first call has ended';
const DELAY = 'after 0.1 s';
const MAIN = 'not in worker threads';
const LINUX = 'on Linux, not in worker threads';
const GROUP = 'of the group';

/** Every metric, in the order of the page. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'HTTP server',
    text: '[http-metrics.md](http-metrics.md) describes what exactly is measured, and each attribute.',
    rows: [
      { metric: 'http.server.request.duration', when: ENDED },
      { metric: 'http.server.request.cpu.duration', when: ENDED },
      { metric: 'http.server.request.queue.duration', when: ENDED },
      { metric: 'http.server.request.time_to_first_byte', when: ENDED },
      { metric: 'http.server.request.body.size', when: ENDED },
      { metric: 'http.server.response.body.size', when: ENDED },
      { metric: 'http.server.active_requests', when: 'from the first request' },
      {
        metric: 'http.server.stream.duration',
        when: 'from the first event stream or upgraded connection that has ended',
      },
      {
        metric: 'http.server.active_streams',
        when: 'from the first collection with an event stream or upgraded connection',
      },
    ],
  },
  {
    title: 'HTTP client',
    text: 'Outgoing requests of `node:http`, `node:https` and `fetch`; each redirect that `fetch` follows counts as one.',
    rows: [{ metric: 'http.client.request.duration', when: ENDED }],
  },
  {
    title: 'In-request API',
    text: `The names are the app's own; these are examples: [in-request.md](in-request.md). Outside of a request,
measurements are recorded at once, without a route and tags.`,
    rows: [
      { metric: 'user.signup', when: CALLED, call: "count('user.signup')" },
      { metric: 'cart.size', when: CALLED, call: "observe('cart.size', 3, { unit: '{item}' })" },
      { metric: 'db.query', when: CALLED, call: "time('db.query', () => query())" },
      { metric: 'db.query.cpu', when: CALLED, call: "time('db.query', () => query())" },
      { metric: 'checkout', when: CALLED, call: 'metered(checkout)' },
      { metric: 'checkout.cpu', when: CALLED, call: 'metered(checkout)' },
    ],
  },
  {
    title: 'Runtime',
    text: '[runtime-metrics.md](runtime-metrics.md) explains how to read them.',
    rows: [
      { metric: 'nodejs.eventloop.utilization' },
      { metric: 'nodejs.eventloop.time' },
      { metric: 'nodejs.eventloop.delay.min', when: DELAY },
      { metric: 'nodejs.eventloop.delay.max', when: DELAY },
      { metric: 'nodejs.eventloop.delay.mean', when: DELAY },
      { metric: 'nodejs.eventloop.delay.stddev', when: DELAY },
      { metric: 'nodejs.eventloop.delay.p50', when: DELAY },
      { metric: 'nodejs.eventloop.delay.p90', when: DELAY },
      { metric: 'nodejs.eventloop.delay.p99', when: DELAY },
      { metric: 'v8js.gc.duration', when: 'from the first garbage collection' },
      { metric: 'v8js.memory.heap.space.size' },
      { metric: 'v8js.memory.heap.used' },
      { metric: 'v8js.memory.heap.space.available_size' },
      { metric: 'v8js.memory.heap.space.physical_size' },
      { metric: 'v8js.memory.external' },
      { metric: 'v8js.resource.active' },
      { metric: 'process.cpu.time', when: MAIN },
      { metric: 'process.memory.usage', when: MAIN },
      { metric: 'process.uptime', when: MAIN },
      { metric: 'process.start_time', when: MAIN },
      { metric: 'process.unix.file_descriptor.count', when: LINUX },
      { metric: 'process.unix.file_descriptor.limit', when: LINUX },
      { metric: 'nodejs.version.info', when: MAIN },
    ],
  },
  {
    title: 'routemeter itself',
    text: 'These show how the series, the group, the endpoint, the exports and the packets are doing: [http-metrics.md](http-metrics.md#bounded-series), [many-processes.md](many-processes.md), [exporters.md](exporters.md), [statsd.md](statsd.md).',
    rows: [
      { metric: 'target_info', over: GROUP },
      { metric: 'routemeter.collect.errors' },
      { metric: 'routemeter.series.overflow', when: 'once an instrument has too many series' },
      { metric: 'routemeter.group.members', over: GROUP },
      { metric: 'routemeter.group.members.fresh', over: GROUP },
      { metric: 'routemeter.group.members.retired', over: GROUP },
      { metric: 'otel.sdk.exporter.metric_data_point.exported' },
      { metric: 'routemeter.statsd.packets' },
      { metric: 'routemeter.statsd.bytes' },
      { metric: 'routemeter.statsd.packets.dropped' },
      { metric: 'routemeter.statsd.retries' },
    ],
  },
];
