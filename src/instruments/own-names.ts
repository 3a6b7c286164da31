/** The names of our own metrics, which the app's metrics may not have. */

const METRICS = [
  'http.server.request.duration',
  'http.server.request.cpu.duration',
  'http.server.active_requests',
  'http.server.request.time_to_first_byte',
  'http.server.request.body.size',
  'http.server.response.body.size',
  'http.server.request.queue.duration',
  'http.server.stream.duration',
  'http.server.active_streams',
  'http.client.request.duration',
  'nodejs.version.info',
  'nodejs.eventloop.utilization',
  'nodejs.eventloop.time',
  'nodejs.eventloop.delay.min',
  'nodejs.eventloop.delay.max',
  'nodejs.eventloop.delay.mean',
  'nodejs.eventloop.delay.stddev',
  'nodejs.eventloop.delay.p50',
  'nodejs.eventloop.delay.p90',
  'nodejs.eventloop.delay.p99',
  'v8js.gc.duration',
  'v8js.memory.heap.space.size',
  'v8js.memory.heap.used',
  'v8js.memory.heap.space.available_size',
  'v8js.memory.heap.space.physical_size',
  'v8js.memory.external',
  'v8js.resource.active',
  'process.cpu.time',
  'process.memory.usage',
  'process.uptime',
  'process.start_time',
  'process.unix.file_descriptor.count',
  'process.unix.file_descriptor.limit',
  'target_info',
];

/** What exporters append to a name: units, and the samples of a family. */
const APPENDED = /( (seconds|bytes|bucket|sum|count))+$/;

/** Equal for all names that could be the same in some backend, whatever joins the words of a name there. */
function stem(name: string): string {
  const words = name.toLowerCase().split(/[^a-z\d]+/);
  // A counter's `total` and a ratio's `ratio` are moved to the end, wherever they stand.
  const kept = words.filter((word) => !['', 'total', 'ratio'].includes(word));
  return kept.join(' ').replace(APPENDED, '');
}

const STEMS: ReadonlyMap<string, string> = new Map(METRICS.map((metric) => [stem(metric), metric]));

/**
 * Why the app's code may not use a name, or undefined: it would add to a metric of ours, or change its labels.
 *
 * @param unit which exporters append to the name
 */
export function ownNameFault(name: string, unit: string): string | undefined {
  for (const candidate of [stem(name), stem(`${name} ${unit}`)]) {
    const metric = STEMS.get(candidate);
    if (metric !== undefined) return `has the name of the metric ${metric}`;
    if (/^routemeter\b/.test(candidate)) return "has a name that is reserved for routemeter's own metrics";
    if (/^otel\b/.test(candidate)) return 'has a name that OpenTelemetry reserves';
  }
  return undefined;
}
