import type { Counter, Gauge, Histogram, Meter, MeterProvider, UpDownCounter } from '@opentelemetry/api';

/** A provider whose synchronous instruments call `notify` after each measurement. */
export function createNotifyingProvider(provider: MeterProvider, notify: () => void): MeterProvider {
  const adding = (counter: Counter | UpDownCounter): Counter => ({
    add(value, attributes, context) {
      counter.add(value, attributes, context);
      notify();
    },
  });
  const recording = (instrument: Gauge | Histogram): Histogram => ({
    record(value, attributes, context) {
      instrument.record(value, attributes, context);
      notify();
    },
  });
  const notifying = (meter: Meter): Meter => {
    const own: Pick<Meter, 'createCounter' | 'createUpDownCounter' | 'createGauge' | 'createHistogram'> = {
      createCounter: (name, options) => adding(meter.createCounter(name, options)),
      createUpDownCounter: (name, options) => adding(meter.createUpDownCounter(name, options)),
      createGauge: (name, options) => recording(meter.createGauge(name, options)),
      createHistogram: (name, options) => recording(meter.createHistogram(name, options)),
    };
    return Object.assign(Object.create(meter), own);
  };
  return {
    getMeter: (name, version, options) => notifying(provider.getMeter(name, version, options)),
  };
}
