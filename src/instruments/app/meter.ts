import {
  type Attributes,
  type BatchObservableCallback,
  type Context,
  createNoopMeter,
  type Meter,
  type MeterOptions,
  type MeterProvider,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
  ValueType,
} from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { scopeKey } from '../../metric-data/scope.ts';
import { type AppAdmission, createAppAdmission } from '../../views/admission/app.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import { createAttributeFilter } from '../../views/attribute-filter.ts';
import { boundariesFor } from '../../views/views.ts';
import { type Bind, type BoundSeries, binder, type Instrument } from '../bound-series.ts';
import type { Collections } from './collections.ts';
import { createMeasurable, type IsMeasurable } from './measurable.ts';
import { createObservation, type Stream, type Target } from './observable.ts';

/** Milliseconds that a callback of the app's may take to observe. */
const CALLBACK_TIMEOUT = 5000;

export interface AppMeterOptions {
  /** The SDK's provider; called when an instrument is created, after `onInstrument`. */
  readonly sdk: () => MeterProvider;
  /** The collections of all readers of the SDK's provider. */
  readonly collections: Collections;
  readonly config: Pick<Config, 'attributes' | 'buckets'>;
  readonly bounds: Bounds;
  readonly guard: Guard;
  readonly log: Log;
  /** The app creates an instrument that will be measured. */
  readonly onInstrument: () => void;
  /** Whether an instrument is not measured. */
  readonly drop: (scope: string, instrument: string) => boolean;
  /** Milliseconds that a callback may take to observe, 5000 by default. */
  readonly callbackTimeoutMillis?: number;
  /** Whether series that a callback no longer observes go on being reported. Never by default. */
  readonly keepsUnobserved?: boolean;
  /** Whether a background collection is being started. Never by default. */
  readonly background?: () => boolean;
}

export interface AppMeters {
  readonly provider: MeterProvider;
  /** Turns every instrument into one that does nothing, for good. */
  retire(): void;
}

/** What instruments with one identity share. */
interface Identity {
  /** How the series of these instruments are bound; undefined before the first is made, and for observables. */
  bind: Bind | undefined;
  readonly admission: AppAdmission<Attributes>;
  readonly isMeasurable: IsMeasurable;
  readonly streams: Map<Stream['kind'], Stream>;
}

const BECOMES = {
  syncCounter: 'increasing',
  histogram: 'increasing',
  counter: 'increasing',
  syncUpDownCounter: 'sum',
  upDownCounter: 'sum',
  syncGauge: 'last',
  gauge: 'last',
} as const;

type Type = keyof typeof BECOMES;

const OBSERVABLES: readonly Type[] = ['counter', 'upDownCounter', 'gauge'];

/**
 * The MeterProvider that the app gets from the OpenTelemetry API: the SDK's instruments, with the configured
 * boundaries and attributes, and with bounded series. If anything of ours fails, the app gets an instrument that does
 * nothing.
 */
export function createAppMeterProvider(options: AppMeterOptions): AppMeters {
  const { guard, config, bounds } = options;
  const noop = createNoopMeter();
  const keep =
    config.attributes.length > 0 ? createAttributeFilter(config.attributes, () => true) : undefined;
  const meters = new Map<string, Meter>();
  const targets = new WeakMap<Observable, Target>();
  let retired = false;
  const observation = createObservation({
    guard,
    collections: options.collections,
    keepsUnobserved: options.keepsUnobserved ?? false,
    timeoutMillis: options.callbackTimeoutMillis ?? CALLBACK_TIMEOUT,
    retired: () => retired,
    background: options.background ?? (() => false),
  });

  const createMeter = (scope: string, version?: string, meterOptions?: MeterOptions): Meter => {
    const identities = new Map<string, Identity>();
    const sdkMeter = (): Meter => options.sdk().getMeter(scope, version, meterOptions);

    const identify = (type: Type, name: string, given: MetricOptions | undefined): Identity => {
      // As the SDK does: https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument
      const parts = [type, name.toLowerCase(), given?.unit ?? '', given?.valueType ?? ValueType.DOUBLE];
      const key = JSON.stringify(parts);
      const known = identities.get(key);
      if (known !== undefined) return known;
      const warn = (message: string): void => options.log.warn(message);
      const integer = given?.valueType === ValueType.INT;
      const identity: Identity = {
        bind: undefined,
        admission: createAppAdmission<Attributes>({
          instrument: name,
          bounds,
          ...(keep && { keep }),
          register: (series) => series,
          // What callbacks no longer observe is left out by itself.
          ...(!OBSERVABLES.includes(type) && {
            end: {
              forget: (series, reader) => (identity.bind ? identity.bind(series).forget(reader) : true),
            },
          }),
        }),
        isMeasurable: createMeasurable({ instrument: name, as: BECOMES[type], integer, warn }),
        streams: new Map(),
      };
      identities.set(key, identity);
      return identity;
    };

    /** Creates an instrument; undefined if the app is to get one that does nothing. */
    const create = <Instrument>(
      type: Type,
      name: string,
      given: MetricOptions | undefined,
      make: (meter: Meter, identity: Identity) => Instrument,
    ): Instrument | undefined =>
      guard('meter', () => {
        if (retired || options.drop(scope, name)) return undefined;
        options.onInstrument();
        return make(sdkMeter(), identify(type, name, given));
      })();

    const recorder = (identity: Identity, instrument: Instrument) => {
      const { admission, isMeasurable } = identity;
      const bind = binder(instrument);
      identity.bind ??= bind;
      const bound = new WeakMap<Attributes, BoundSeries>();
      return guard('meter', (value: number, attributes?: Attributes, context?: Context): void => {
        if (retired || !isMeasurable(value)) return;
        const admitted = admission.admit(attributes);
        let series = bound.get(admitted);
        if (series === undefined) {
          series = bind(admitted);
          bound.set(admitted, series);
        }
        series.record(value, context);
      });
    };

    const observable = (
      kind: Stream['kind'],
      name: string,
      given: MetricOptions | undefined,
      make: (meter: Meter) => Observable,
    ): Observable | undefined =>
      create(kind, name, given, (meter, { admission, isMeasurable, streams }) => {
        const integer = given?.valueType === ValueType.INT;
        const stream = streams.get(kind) ?? {
          name,
          kind,
          integer,
          admission,
          isMeasurable,
          keepsAll: keep === undefined,
        };
        streams.set(kind, stream);
        const target: Target = { stream, observable: make(meter) };
        const callbacks = new Map<ObservableCallback, ObservableCallback>();
        const facade: Observable = {
          addCallback: guard('observable', (callback: ObservableCallback) => {
            const wrapper = callbacks.get(callback) ?? observation.single(target, callback);
            callbacks.set(callback, wrapper);
            target.observable.addCallback(wrapper);
          }),
          removeCallback: guard('observable', (callback: ObservableCallback) => {
            const wrapper = callbacks.get(callback);
            if (wrapper !== undefined) target.observable.removeCallback(wrapper);
            callbacks.delete(callback);
          }),
        };
        targets.set(facade, target);
        return facade;
      });

    interface Batch {
      readonly callback: BatchObservableCallback;
      readonly targets: ReadonlySet<Target>;
      readonly wrapper: BatchObservableCallback;
    }
    const batches: Batch[] = [];
    const targetsOf = (observables: readonly Observable[]): ReadonlySet<Target> =>
      new Set(observables.map((each) => targets.get(each)).filter((target) => target !== undefined));
    const findBatch = (callback: BatchObservableCallback, wanted: ReadonlySet<Target>): number =>
      batches.findIndex(
        (batch) =>
          batch.callback === callback &&
          batch.targets.size === wanted.size &&
          [...wanted].every((target) => batch.targets.has(target)),
      );
    const sdkObservables = (wanted: ReadonlySet<Target>): Observable[] =>
      [...wanted].map((target) => target.observable);

    return {
      createCounter: (name, given) =>
        create('syncCounter', name, given, (meter, identity) => ({
          add: recorder(identity, meter.createCounter(name, given)),
        })) ?? noop.createCounter(name, given),

      createUpDownCounter: (name, given) =>
        create('syncUpDownCounter', name, given, (meter, identity) => ({
          add: recorder(identity, meter.createUpDownCounter(name, given)),
        })) ?? noop.createUpDownCounter(name, given),

      createGauge: (name, given) =>
        create('syncGauge', name, given, (meter, identity) => ({
          record: recorder(identity, meter.createGauge(name, given)),
        })) ?? noop.createGauge(name, given),

      createHistogram: (name, given) =>
        create('histogram', name, given, (meter, identity) => ({
          record: recorder(identity, meter.createHistogram(name, withBoundaries(name, given, config))),
        })) ?? noop.createHistogram(name, given),

      createObservableCounter: (name, given) =>
        observable('counter', name, given, (meter) => meter.createObservableCounter(name, given)) ??
        noop.createObservableCounter(name, given),

      createObservableUpDownCounter: (name, given) =>
        observable('upDownCounter', name, given, (meter) =>
          meter.createObservableUpDownCounter(name, given),
        ) ?? noop.createObservableUpDownCounter(name, given),

      createObservableGauge: (name, given) =>
        observable('gauge', name, given, (meter) => meter.createObservableGauge(name, given)) ??
        noop.createObservableGauge(name, given),

      addBatchObservableCallback: guard('observable', (callback, observables) => {
        const wanted = targetsOf(observables);
        if (wanted.size === 0 || findBatch(callback, wanted) >= 0) return;
        const wrapper = observation.batch([...wanted], callback, (each) => targets.get(each));
        batches.push({ callback, targets: wanted, wrapper });
        sdkMeter().addBatchObservableCallback(wrapper, sdkObservables(wanted));
      }),

      removeBatchObservableCallback: guard('observable', (callback, observables) => {
        const found = findBatch(callback, targetsOf(observables));
        const [batch] = found < 0 ? [] : batches.splice(found, 1);
        if (batch === undefined) return;
        sdkMeter().removeBatchObservableCallback(batch.wrapper, sdkObservables(batch.targets));
      }),
    };
  };

  const getMeter = guard('meter', (scope: string, version?: string, meterOptions?: MeterOptions): Meter => {
    const key = scopeKey({ name: scope, version, schemaUrl: meterOptions?.schemaUrl });
    const meter = meters.get(key) ?? createMeter(scope, version, meterOptions);
    meters.set(key, meter);
    return meter;
  });

  return {
    provider: { getMeter: (scope, version, meterOptions) => getMeter(scope, version, meterOptions) ?? noop },
    retire() {
      retired = true;
    },
  };
}

/** The options of a histogram, with the boundaries that it is to have as advice. */
function withBoundaries(
  name: string,
  given: MetricOptions | undefined,
  config: Pick<Config, 'buckets'>,
): MetricOptions {
  const advised: unknown = given?.advice?.explicitBucketBoundaries;
  const boundaries = boundariesFor(
    name,
    given?.unit ?? '',
    isBoundaries(advised) ? advised : undefined,
    config.buckets,
  );
  const { advice: _, ...others } = given ?? {};
  return { ...others, ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }) };
}

function isBoundaries(advised: unknown): advised is number[] {
  return (
    Array.isArray(advised) && advised.every((bound) => typeof bound === 'number' && !Number.isNaN(bound))
  );
}
