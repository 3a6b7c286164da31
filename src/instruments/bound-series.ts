import {
  type Attributes,
  type Context,
  type Counter,
  type Gauge,
  type Histogram,
  type HrTime,
  type UpDownCounter,
  ValueType,
} from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { part } from '../guest/shape.ts';
import { forgetSeries } from './forgetting.ts';

/** One series of an instrument. */
export interface BoundSeries {
  /** The same as `record` or `add` of the instrument with the attributes of the series. */
  record(value: number, context?: Context): void;
  /**
   * Lets a reader of the SDK start the series anew, if it ever comes back.
   *
   * @returns false if the reader has to remember the series; undefined if the SDK has a shape that we do not know
   */
  forget(reader: object): boolean | undefined;
}

/** {@link BoundSeries.forget} for several at once, of which some may be undefined. */
export function forgetAll(all: readonly (BoundSeries | undefined)[], reader: object): boolean | undefined {
  const forgotten = all.filter((series) => series !== undefined).map((series) => series.forget(reader));
  return forgotten.includes(undefined) ? undefined : !forgotten.includes(false);
}

/** What has to be done when a bound series ends. */
export const BOUND_END = { forget: (series: BoundSeries, reader: object) => series.forget(reader) };

/** @param attributes must not change afterwards */
export type Bind = (attributes: Attributes) => BoundSeries;

/** A synchronous instrument. */
export type Instrument = Counter | UpDownCounter | Gauge | Histogram;

type Write = (value: number, attributes: Attributes, context: Context | undefined) => void;

/** On an instrument that does more than record: how its series are bound. */
export const BIND = Symbol('routemeter.bind');

/**
 * Binds an instrument to the attributes of its series, as the specification's `Bind` does, which JavaScript does not
 * have: https://opentelemetry.io/docs/specs/otel/metrics/api/#bind
 *
 * The SDK prints and sorts the attributes of every measurement to find the accumulation of its series, which is nine
 * tenths of what a measurement costs. A bound series keeps the accumulations that it has found, until a collection takes
 * them away. They are private parts of the SDK, so their shape is checked first. If it is not the one that we know, if a
 * view changes attributes, or if a value is one that the SDK corrects or refuses, the measurement takes the public road.
 */
export function binder(instrument: Instrument & { readonly [BIND]?: Bind }): Bind {
  if (instrument[BIND] !== undefined) return instrument[BIND];
  const write: Write =
    'add' in instrument
      ? (value, attributes, context) => instrument.add(value, attributes, context)
      : (value, attributes, context) => instrument.record(value, attributes, context);
  const descriptor: unknown = part(instrument, '_descriptor');
  const storages = storagesOf(part(instrument, '_writableMetricStorage'));
  if (storages === undefined || !isDescriptor(descriptor)) {
    return (attributes) => ({
      record: (value, context) => write(value, attributes, context),
      forget: () => undefined,
    });
  }
  const integer = descriptor.valueType === ValueType.INT;
  const least = SIGNED.includes(descriptor.type) ? Number.NEGATIVE_INFINITY : 0;
  return (attributes) => new SdkSeries(attributes, storages, least, integer, write);
}

/** The types of instruments that take negative values. */
const SIGNED = ['UP_DOWN_COUNTER', 'GAUGE'];

interface Accumulation {
  record(value: number): void;
}

/** The accumulations of all series since the last collection. */
interface ActiveStorage {
  readonly size: number;
  _hash(attributes: Attributes): string;
  get(attributes: Attributes, hash: string): Accumulation | undefined;
  set(attributes: Attributes, accumulation: Accumulation, hash: string): void;
}

interface DeltaStorage {
  /** Another one after each collection. */
  readonly _activeCollectionStorage: ActiveStorage;
  readonly _cardinalityLimit: number;
  readonly _aggregator: { createAccumulation(startTime: HrTime): Accumulation | undefined };
}

interface Storage {
  readonly _deltaMetricStorage: DeltaStorage;
}

/** Where a series is in one of the storages of its instrument. */
interface Cell {
  readonly storage: DeltaStorage;
  active: ActiveStorage | undefined;
  accumulation: Accumulation | undefined;
}

class SdkSeries implements BoundSeries {
  readonly #attributes: Attributes;
  readonly #least: number;
  readonly #integer: boolean;
  readonly #write: Write;
  readonly #storages: readonly Storage[];
  readonly #cells: readonly Cell[];
  #hash: string | undefined;

  constructor(
    attributes: Attributes,
    storages: readonly Storage[],
    least: number,
    integer: boolean,
    write: Write,
  ) {
    this.#attributes = attributes;
    this.#least = least;
    this.#integer = integer;
    this.#write = write;
    this.#storages = storages;
    this.#cells = storages.map(({ _deltaMetricStorage: storage }) => ({
      storage,
      active: undefined,
      accumulation: undefined,
    }));
  }

  record(value: number, context?: Context): void {
    const isOrdinary = value >= this.#least && (!this.#integer || Number.isInteger(value));
    if (!isOrdinary || !this.#find()) this.#write(value, this.#attributes, context);
    else for (const { accumulation } of this.#cells) accumulation?.record(value);
  }

  forget(reader: object): boolean | undefined {
    return forgetSeries(this.#storages, this.#attributes, reader);
  }

  /** Finds the accumulations. @returns false if there is one that cannot be had */
  #find(): boolean {
    for (const cell of this.#cells) {
      if (cell.active !== cell.storage._activeCollectionStorage && !this.#renew(cell)) return false;
    }
    return true;
  }

  #renew(cell: Cell): boolean {
    const { _activeCollectionStorage: active, _cardinalityLimit, _aggregator } = cell.storage;
    this.#hash ??= active._hash(this.#attributes);
    let accumulation = active.get(this.#attributes, this.#hash);
    if (accumulation === undefined) {
      if (active.size >= _cardinalityLimit) return false;
      accumulation = _aggregator.createAccumulation(millisToHrTime(Date.now()));
      if (accumulation === undefined) return false;
      active.set(this.#attributes, accumulation, this.#hash);
    }
    cell.active = active;
    cell.accumulation = accumulation;
    return true;
  }
}

/** The storages of an instrument; undefined if one has another shape or changes attributes. */
function storagesOf(storage: unknown): readonly Storage[] | undefined {
  const several = part(storage, '_backingStorages');
  const all: readonly unknown[] = Array.isArray(several) ? several : [storage];
  return all.every(isStorage) ? all : undefined;
}

/** A view without attribute processors has one that has no state, and hands back what it is given. */
function keepsAttributes(storage: unknown): boolean {
  const processor = part(storage, '_attributesProcessor');
  if (processor === undefined) return true;
  const { process }: { process?: unknown } = Object(processor);
  if (typeof process !== 'function' || Object.keys(Object(processor)).length > 0) return false;
  const given = {};
  return Reflect.apply(process, processor, [given, undefined]) === given;
}

function isStorage(value: unknown): value is Storage {
  const delta = part(value, '_deltaMetricStorage');
  const active = part(delta, '_activeCollectionStorage');
  return (
    keepsAttributes(value) &&
    ['_hash', 'get', 'set'].every((method) => typeof part(active, method) === 'function') &&
    typeof part(active, 'size') === 'number' &&
    typeof part(delta, '_cardinalityLimit') === 'number' &&
    typeof part(delta, '_aggregator', 'createAccumulation') === 'function'
  );
}

function isDescriptor(value: unknown): value is { readonly type: string; readonly valueType: ValueType } {
  return typeof part(value, 'type') === 'string' && typeof part(value, 'valueType') === 'number';
}
