import type {
  Attributes,
  BatchObservableCallback,
  Observable,
  ObservableCallback,
  ObservableResult,
} from '@opentelemetry/api';
import { inTime } from '../../guest/deadline.ts';
import type { Guard } from '../../guest/guard.ts';
import { isOverflow } from '../../metric-data/other.ts';
import { type AppAdmission, seriesKey } from '../../views/admission/app.ts';
import type { Collection, Collections } from './collections.ts';
import type { IsMeasurable } from './measurable.ts';

/** What observables with one identity share, however often the app creates them. */
export interface Stream {
  /** Named in errors. */
  readonly name: string;
  readonly kind: 'counter' | 'upDownCounter' | 'gauge';
  /** Values are whole numbers. */
  readonly integer: boolean;
  readonly admission: AppAdmission<Attributes>;
  readonly isMeasurable: IsMeasurable;
  /** Whether the app's attributes reach the series as they are, until the limit on series is reached. */
  readonly keepsAll: boolean;
}

/** One observable that the app created. */
export interface Target {
  readonly stream: Stream;
  /** The SDK's. */
  readonly observable: Observable;
}

export interface ObservationOptions {
  readonly guard: Guard;
  readonly collections: Collections;
  /** Whether series that a callback no longer observes go on being reported. */
  readonly keepsUnobserved: boolean;
  /** How long a callback may take to settle; its later observations are ignored. */
  readonly timeoutMillis: number;
  /** Once true, the app's callbacks are no longer called. */
  readonly retired: () => boolean;
  /**
   * Whether a background collection is being started: asynchronous callbacks and those that observe no counter are not
   * called for it, and their last observations stand.
   */
  readonly background: () => boolean;
}

interface Observed {
  readonly series: Attributes;
  value: number;
  /** The last callback that contributed; the SDK gets the value through it. */
  run: Run;
}

/** One call of one callback. */
interface Run {
  open: boolean;
  /** Rejects with what the callback throws, or when it takes too long. */
  done: Promise<void>;
  /** By the attributes that the app gave. */
  readonly observed: ReadonlyMap<Stream, Map<Attributes | string, Observed>>;
}

interface Shared {
  readonly runs: Run[];
  /** What each callback hands to the SDK; known when all have settled. */
  shares?: Promise<Map<Run, Observed[]>>;
}

/**
 * Several observations of one collection may fall into one series: a rule drops an attribute that tells them apart, or
 * they are in the overflow series. The SDK would keep the last one. Here counters and up-down counters have their sum,
 * and gauges the last value, over all callbacks of the instrument. Observations with the very same attributes are not
 * added: the last one counts, as in the SDK.
 *
 * The failure of a callback is reported to the SDK, and its observations do not count.
 */
export function createObservation(options: ObservationOptions) {
  const { guard, collections, keepsUnobserved, timeoutMillis, retired, background } = options;
  /** The last finished run of each callback that is not always called; without observations if it failed. */
  const standing = new WeakMap<object, Run>();
  const shares = new WeakMap<Collection, Map<Stream, Shared>>();

  const sharesOf = (collection: Collection): Map<Stream, Shared> => {
    const known = shares.get(collection) ?? new Map<Stream, Shared>();
    shares.set(collection, known);
    return known;
  };

  const note = (run: Run, stream: Stream, value: number, attributes: Attributes | undefined): void => {
    if (!stream.isMeasurable(value)) return;
    const series = stream.admission.admit(attributes);
    const exact = stream.keepsAll && !isOverflow(series);
    const identity = exact ? series : seriesKey(attributes);
    const noted = run.observed.get(stream);
    noted?.delete(identity);
    noted?.set(identity, { series, value, run });
  };

  const observe = async (
    callback: object,
    targets: readonly Target[],
    call: (run: Run) => unknown,
    emit: (target: Target, value: number, series: Attributes) => void,
  ): Promise<void> => {
    const byStream = new Map(targets.map((target) => [target.stream, target]));
    const collection = collections.current();
    const streams = sharesOf(collection);
    const momentary = targets.every(({ stream }) => stream.kind !== 'counter');
    const nothing = newRun(byStream.keys());
    const stands = background() ? (standing.get(callback) ?? (momentary ? nothing : undefined)) : undefined;
    const run = stands ?? newRun(byStream.keys());
    for (const stream of byStream.keys()) {
      const shared = streams.get(stream);
      if (shared === undefined) streams.set(stream, { runs: [run] });
      else shared.runs.push(run);
    }
    if (stands === undefined) {
      const names = [...byStream.keys()].map(({ name }) => name).join(', ');
      const stand = (last: Run): void => void standing.set(callback, last);
      const called = (): unknown => {
        const returned = call(run);
        if ((momentary || isThenable(returned)) && !standing.has(callback)) stand(nothing);
        return returned;
      };
      run.done = runCallback(timeoutMillis, names, called).finally(() => {
        run.open = false;
      });
      run.done.then(
        () => standing.has(callback) && stand(run),
        () => standing.has(callback) && stand(nothing),
      );
    }
    await Promise.resolve();
    const results = [...byStream].map(async ([stream, target]) => {
      const shared = streams.get(stream);
      if (shared === undefined) return;
      shared.shares ??= share(stream, shared.runs);
      for (const { series, value } of (await shared.shares).get(run) ?? []) {
        if (!keepsUnobserved) collection.observed(series);
        emit(target, value, series);
      }
    });
    await Promise.all(results);
    await run.done;
  };

  return {
    single(target: Target, callback: ObservableCallback): ObservableCallback {
      const wrapper: ObservableCallback = async (result) => {
        if (retired()) return;
        const call = (run: Run): unknown =>
          callback({
            observe: guard('observable', (value: number, attributes?: Attributes) => {
              if (run.open) note(run, target.stream, value, attributes);
            }),
          } satisfies ObservableResult);
        await observe(wrapper, [target], call, (_, value, series) => result.observe(value, series));
      };
      return wrapper;
    },
    /** @param targetOf finds the target of an observable that the app's callback names */
    batch(
      targets: readonly Target[],
      callback: BatchObservableCallback,
      targetOf: (observable: Observable) => Target | undefined,
    ): BatchObservableCallback {
      const wrapper: BatchObservableCallback = async (result) => {
        if (retired()) return;
        const call = (run: Run): unknown =>
          callback({
            observe: guard('observable', (observable: Observable, value: number, attributes?: Attributes) => {
              const target = targetOf(observable);
              if (!run.open || target === undefined || !targets.includes(target)) return;
              note(run, target.stream, value, attributes);
            }),
          });
        await observe(wrapper, targets, call, ({ observable }, value, series) =>
          result.observe(observable, value, series),
        );
      };
      return wrapper;
    },
  };
}

async function share(stream: Stream, runs: readonly Run[]): Promise<Map<Run, Observed[]>> {
  const outcomes = await Promise.allSettled(runs.map(({ done }) => done));
  const latest = new Map<Attributes | string, Observed>();
  runs.forEach((run, i) => {
    if (outcomes[i]?.status !== 'fulfilled') return;
    for (const [identity, observed] of run.observed.get(stream) ?? []) {
      latest.delete(identity);
      latest.set(identity, observed);
    }
  });
  const totals = new Map<Attributes, Observed>();
  for (const { series, value, run } of latest.values()) {
    const total = totals.get(series);
    if (total === undefined) totals.set(series, { series, value, run });
    else {
      total.value = stream.kind === 'gauge' ? value : summand(stream, total.value) + summand(stream, value);
      total.run = run;
    }
  }
  const shares = new Map<Run, Observed[]>(runs.map((run) => [run, []]));
  for (const total of totals.values()) shares.get(total.run)?.push(total);
  return shares;
}

/** What the SDK would make of a single value. */
function summand({ kind, integer }: Stream, value: number): number {
  if (kind === 'counter' && value < 0) return 0;
  return integer ? Math.trunc(value) : value;
}

function newRun(streams: Iterable<Stream>): Run {
  const observed = new Map([...streams].map((stream) => [stream, new Map()]));
  return { open: true, done: Promise.resolve(), observed };
}

function isThenable(returned: unknown): returned is PromiseLike<unknown> {
  return returned instanceof Object && 'then' in returned;
}

/** Runs a callback of the app's. Rejects with what it throws, or if it takes longer than `millis`. */
async function runCallback(millis: number, names: string, call: () => unknown): Promise<void> {
  const returned = call();
  if (!isThenable(returned) || (await inTime(Promise.resolve(returned), millis))) return;
  throw new Error(`the callback that observes ${names} took more than ${millis} ms`);
}
