import type { Meter, MeterProvider } from '@opentelemetry/api';

/** A provider whose synchronous instruments call `notify` after each measurement. */
export function createNotifyingProvider(provider: MeterProvider, notify: () => void): MeterProvider {
  const notifying = (meter: Meter): Meter => {
    const own: Pick<Meter, 'createCounter' | 'createUpDownCounter' | 'createGauge' | 'createHistogram'> = {
      createCounter(name, options) {
        const counter = meter.createCounter(name, options);
        return {
          add(value, attributes, context) {
            counter.add(value, attributes, context);
            notify();
          },
        };
      },
      createUpDownCounter(name, options) {
        const counter = meter.createUpDownCounter(name, options);
        return {
          add(value, attributes, context) {
            counter.add(value, attributes, context);
            notify();
          },
        };
      },
      createGauge(name, options) {
        const gauge = meter.createGauge(name, options);
        return {
          record(value, attributes, context) {
            gauge.record(value, attributes, context);
            notify();
          },
        };
      },
      createHistogram(name, options) {
        const histogram = meter.createHistogram(name, options);
        return {
          record(value, attributes, context) {
            histogram.record(value, attributes, context);
            notify();
          },
        };
      },
    };
    return Object.assign(Object.create(meter), own);
  };
  return {
    getMeter: (name, version, options) => notifying(provider.getMeter(name, version, options)),
  };
}
