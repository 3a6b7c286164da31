// Requests of exact durations: a clock that stands at zero but while a request is being handled. Loaded before the
// preload. `performance.virtual.millis` is what it says.
const virtual = { millis: 0 };
Object.defineProperty(performance, 'virtual', { value: virtual });
Object.defineProperty(performance, 'now', { value: () => virtual.millis });
