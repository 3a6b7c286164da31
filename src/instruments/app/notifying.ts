import type { Meter, MeterProvider } from '@opentelemetry/api';
import { BIND, type Bind, binder, type Instrument } from '../bound-series.ts';

/** A provider whose synchronous instruments call `notify` after each measurement. */
export function createNotifyingProvider(provider: MeterProvider, notify: () => void): MeterProvider {
  const binderOf = (instrument: Instrument): Bind => {
    const bind = binder(instrument);
    return (attributes) => {
      const series = bind(attributes);
      return {
        record(value, context) {
          series.record(value, context);
          notify();
        },
        forget: (reader) => series.forget(reader),
      };
    };
  };
  const notifying = (meter: Meter): Meter => {
    const own: Pick<Meter, 'createCounter' | 'createUpDownCounter' | 'createGauge' | 'createHistogram'> = {
      createCounter(name, options) {
        const counter = meter.createCounter(name, options);
        return {
          add(value, attributes, context) {
            counter.add(value, attributes, context);
            notify();
          },
          [BIND]: binderOf(counter),
        };
      },
      createUpDownCounter(name, options) {
        const counter = meter.createUpDownCounter(name, options);
        return {
          add(value, attributes, context) {
            counter.add(value, attributes, context);
            notify();
          },
          [BIND]: binderOf(counter),
        };
      },
      createGauge(name, options) {
        const gauge = meter.createGauge(name, options);
        return {
          record(value, attributes, context) {
            gauge.record(value, attributes, context);
            notify();
          },
          [BIND]: binderOf(gauge),
        };
      },
      createHistogram(name, options) {
        const histogram = meter.createHistogram(name, options);
        return {
          record(value, attributes, context) {
            histogram.record(value, attributes, context);
            notify();
          },
          [BIND]: binderOf(histogram),
        };
      },
    };
    return Object.assign(Object.create(meter), own);
  };
  return {
    getMeter: (name, version, options) => notifying(provider.getMeter(name, version, options)),
  };
}
