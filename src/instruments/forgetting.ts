import type { Attributes } from '@opentelemetry/api';
import { isObject, part } from '../guest/shape.ts';
import { noteEnd } from './starts.ts';

/**
 * The SDK reports a series to a cumulative reader for ever, and has no way to end one. So a series is taken out of what
 * the SDK has reported to the reader. These are private parts of the SDK, whose shape is checked; `forgetting.test.ts`
 * fails if it is not the one that we know.
 */

interface Accumulations {
  readonly _valueMap: Map<string, unknown>;
  readonly _keyMap: Map<string, unknown>;
  _hash(attributes: Attributes): string;
}

/** What the SDK has of a series on its way to a reader. */
interface Storage {
  readonly _instrumentDescriptor: { readonly type: string };
  /** `_cumulativeMemoStorage` has what observables have observed last. */
  readonly _deltaMetricStorage: {
    readonly _activeCollectionStorage: Accumulations;
    readonly _cumulativeMemoStorage: Accumulations;
  };
  readonly _temporalMetricStorage: {
    readonly _unreportedAccumulations: ReadonlyMap<object, readonly Accumulations[]>;
    readonly _reportHistory: ReadonlyMap<
      object,
      { readonly accumulations: Accumulations; readonly aggregationTemporality: number }
    >;
  };
}

/** The SDK's `AggregationTemporality.CUMULATIVE`. */
const CUMULATIVE = 1;

/**
 * Makes a reader forget a series of a synchronous instrument: if the series comes back, it starts anew.
 *
 * @param storages of the instrument
 * @returns false if the reader has to remember the series: because something of it has not been reported yet, or because
 *   it is an up-down counter whose sum is not 0; undefined if the SDK has a shape that we do not know
 */
export function forgetSeries(
  storages: readonly object[],
  attributes: Attributes,
  reader: object,
): boolean | undefined {
  const collector: unknown = part(reader, '_sdkMetricProducer');
  if (!isObject(collector) || !storages.every(isStorage)) return undefined;
  const reported = storages.map((storage) => reportedOf(storage, attributes, collector));
  if (reported.includes(false)) return false;
  for (const each of reported) if (each) remove(each.accumulations, each.hash);
  for (const { _instrumentDescriptor: descriptor, _deltaMetricStorage } of storages) {
    const { _activeCollectionStorage: active } = _deltaMetricStorage;
    noteEnd(reader, { descriptor, attributes, hashOf: (each) => active._hash(each) });
  }
  return true;
}

/** Makes all readers forget a series of an observable that is no longer observed and whose last value was 0. */
export function forgetObserved(observable: object, attributes: Attributes): void {
  const storages: unknown = part(observable, '_metricStorages');
  if (!Array.isArray(storages) || !storages.every(isStorage)) return;
  for (const { _deltaMetricStorage: delta, _temporalMetricStorage: temporal } of storages) {
    const hash = delta._activeCollectionStorage._hash(attributes);
    const reported = [...temporal._reportHistory.values()].map(({ accumulations }) => accumulations);
    const unreported = [...temporal._unreportedAccumulations.values()].flat();
    const { _activeCollectionStorage, _cumulativeMemoStorage } = delta;
    for (const each of [...reported, ...unreported, _activeCollectionStorage, _cumulativeMemoStorage])
      remove(each, hash);
  }
}

/** Where the SDK remembers the series; undefined if it does not, false if it has to. */
function reportedOf(
  { _instrumentDescriptor, _deltaMetricStorage, _temporalMetricStorage }: Storage,
  attributes: Attributes,
  collector: object,
): { readonly accumulations: Accumulations; readonly hash: string } | undefined | false {
  const active = _deltaMetricStorage._activeCollectionStorage;
  const hash = active._hash(attributes);
  const unreported = _temporalMetricStorage._unreportedAccumulations.get(collector);
  // Without a view, each reader has a storage of its own.
  if (unreported === undefined) return undefined;
  if ([active, ...unreported].some(({ _valueMap }) => _valueMap.has(hash))) return false;
  const history = _temporalMetricStorage._reportHistory.get(collector);
  if (history === undefined) return undefined;
  const { accumulations, aggregationTemporality } = history;
  if (_instrumentDescriptor.type === 'UP_DOWN_COUNTER') {
    const sum = accumulations._valueMap.get(hash);
    if (aggregationTemporality !== CUMULATIVE || (sum !== undefined && pointValueOf(sum) !== 0)) return false;
  }
  return { accumulations, hash };
}

function pointValueOf(sum: unknown): unknown {
  const toPointValue: unknown = part(sum, 'toPointValue');
  return typeof toPointValue === 'function' ? Reflect.apply(toPointValue, sum, []) : undefined;
}

function remove({ _valueMap, _keyMap }: Accumulations, hash: string): void {
  _valueMap.delete(hash);
  _keyMap.delete(hash);
}

/** Looking at the shape takes longer than forgetting. */
const known = new WeakMap<object, boolean>();

function isStorage(value: unknown): value is Storage {
  if (!isObject(value)) return false;
  const found = known.get(value) ?? hasShape(value);
  known.set(value, found);
  return found;
}

function hasShape(value: object): boolean {
  const unreported = part(value, '_temporalMetricStorage', '_unreportedAccumulations');
  const history = part(value, '_temporalMetricStorage', '_reportHistory');
  return (
    typeof part(value, '_instrumentDescriptor', 'type') === 'string' &&
    isAccumulations(part(value, '_deltaMetricStorage', '_activeCollectionStorage')) &&
    isAccumulations(part(value, '_deltaMetricStorage', '_cumulativeMemoStorage')) &&
    unreported instanceof Map &&
    [...unreported.values()].every((each) => Array.isArray(each) && each.every(isAccumulations)) &&
    history instanceof Map &&
    [...history.values()].every((each) => isAccumulations(part(each, 'accumulations')))
  );
}

function isAccumulations(value: unknown): value is Accumulations {
  return (
    part(value, '_valueMap') instanceof Map &&
    part(value, '_keyMap') instanceof Map &&
    typeof part(value, '_hash') === 'function'
  );
}
