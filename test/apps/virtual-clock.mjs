// Makes durations exact: a clock that stands at `performance.virtual.millis`, which the app sets. Loaded before the
// preload.
const virtual = { millis: 0 };
Object.defineProperty(performance, 'virtual', { value: virtual });
Object.defineProperty(performance, 'now', { value: () => virtual.millis });
