/** The meter of an app that is not measured; a file of its own, so that the preload need not load the API. */
import { createNoopMeter, type Meter } from '@opentelemetry/api';

/**
 * A meter whose instruments do nothing.
 * @param onInstrument called whenever an instrument is made
 */
export function createUnmeasuredMeter(onInstrument: () => void): Meter {
  const noop = createNoopMeter();
  const noticed = <A extends unknown[], Instrument>(make: (...args: A) => Instrument) => {
    return (...args: A): Instrument => {
      onInstrument();
      return make.apply(noop, args);
    };
  };
  return {
    createCounter: noticed(noop.createCounter),
    createUpDownCounter: noticed(noop.createUpDownCounter),
    createGauge: noticed(noop.createGauge),
    createHistogram: noticed(noop.createHistogram),
    createObservableCounter: noticed(noop.createObservableCounter),
    createObservableUpDownCounter: noticed(noop.createObservableUpDownCounter),
    createObservableGauge: noticed(noop.createObservableGauge),
    addBatchObservableCallback: (...args) => noop.addBatchObservableCallback(...args),
    removeBatchObservableCallback: (...args) => noop.removeBatchObservableCallback(...args),
  };
}
