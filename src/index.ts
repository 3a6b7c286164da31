/**
 * The public API: the app's own metrics, by route, from anywhere in a request; and `start` and `stop` for use without
 * the preload. Importing it turns on per-request tracking; importing `routemeter/start`, which has only `start` and
 * `stop`, does not.
 */
export { count, ignore, observe, route, type Tags, tag } from './api/calls.ts';
export { metered } from './api/metered.ts';
export { type MetricsHandler, metricsHandler } from './api/metrics-handler.ts';
export { type Timer, time } from './api/time.ts';
export { type Options, start, stop } from './start.ts';
