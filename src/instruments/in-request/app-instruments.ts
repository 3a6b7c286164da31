import type { Attributes, Meter } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Log } from '../../guest/log.ts';
import { printed, quoted } from '../../guest/text.ts';
import { createAppAdmission } from '../../views/admission/app.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import { createAttributeFilter } from '../../views/attribute-filter.ts';
import { boundariesFor } from '../../views/views.ts';
import { type Bind, BOUND_END, binder } from '../bound-series.ts';
import { ownNameFault } from '../own-names.ts';

/** An instrument that the app has named in the in-request API. */
export interface AppInstrument {
  readonly kind: 'counter' | 'histogram';
  readonly unit: string;
  record(value: number, attributes: Attributes): void;
}

/** Names in the life of the process: a name made up for each user must not fill the memory. */
const MOST_NAMES = 500;

/** https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax */
const NAME = /^[A-Za-z][\w./-]{0,254}$/;
/** https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-unit */
const LONGEST_UNIT = 63;

const CPU = '.cpu';

export interface AppInstrumentsOptions {
  readonly meter: Meter;
  readonly config: Pick<Config, 'attributes' | 'buckets'>;
  readonly bounds: Bounds;
  readonly log: Log;
  /** Called before an instrument is made. */
  readonly onInstrument: () => void;
}

/** The instruments by their names: the first call with a name decides what it is. */
export function createAppInstruments(options: AppInstrumentsOptions) {
  const { meter, config, bounds, log } = options;
  const keep =
    config.attributes.length > 0 ? createAttributeFilter(config.attributes, () => true) : undefined;
  const instruments = new Map<string, AppInstrument>();
  const busyTimes = new Map<string, AppInstrument>();

  const refuse = (key: string, message: string): undefined => {
    log.once(`in-request.${key}`, 'warn', message);
    return undefined;
  };

  const create = (name: string, unit: string, make: () => AppInstrument): AppInstrument | undefined => {
    if (typeof name !== 'string' || !NAME.test(name)) {
      return refuse(
        'name',
        `${printed(name)} is not measured: a name starts with a letter and has at most 255 characters: letters, digits, _ . - and /`,
      );
    }
    const own = ownNameFault(name, unit);
    if (own !== undefined) {
      return refuse(`own.${own}`, `${quoted(name)} is not measured: it ${own}`);
    }
    if (name.endsWith(CPU)) {
      return refuse(
        'cpu',
        `${quoted(name)} is not measured: names that end with ${CPU} are reserved for time on the thread`,
      );
    }
    if (instruments.size >= MOST_NAMES) {
      return refuse(
        'names',
        `the app has used ${MOST_NAMES} names; ${quoted(name)} and any further ones are not measured: a name should not contain ids`,
      );
    }
    options.onInstrument();
    const instrument = make();
    instruments.set(name, instrument);
    return instrument;
  };

  const bounded = (kind: AppInstrument['kind'], name: string, unit: string, bind: Bind): AppInstrument => {
    const admission = createAppAdmission({
      instrument: name,
      bounds,
      ...(keep && { keep }),
      register: bind,
      end: BOUND_END,
    });
    return { kind, unit, record: (value, attributes) => admission.admit(attributes).record(value) };
  };

  const createCounter = (name: string): AppInstrument =>
    bounded('counter', name, '', binder(meter.createCounter(name)));

  const createHistogram = (name: string, unit: string): AppInstrument => {
    const boundaries = boundariesFor(name, unit, undefined, config.buckets);
    const histogram = meter.createHistogram(name, {
      unit,
      ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }),
    });
    return bounded('histogram', name, unit, binder(histogram));
  };

  const histogram = (name: string, unit: string | undefined): AppInstrument | undefined => {
    if (unit !== undefined && (typeof unit !== 'string' || unit.length > LONGEST_UNIT)) {
      return refuse(
        'unit',
        `${printed(name)} is not measured: its unit must be a string of at most ${LONGEST_UNIT} characters`,
      );
    }
    const instrument =
      instruments.get(name) ?? create(name, unit ?? '', () => createHistogram(name, unit ?? ''));
    if (instrument?.kind === 'counter') {
      return refuse(
        'kind',
        `${quoted(name)} is counted and cannot be timed or observed as well: give it another name`,
      );
    }
    if (instrument !== undefined && unit !== undefined && instrument.unit !== unit) {
      return refuse(
        'units',
        `${quoted(name)} is in ${quoted(instrument.unit)} and cannot be in ${quoted(unit)} as well: give it another name`,
      );
    }
    return instrument;
  };

  return {
    /** Undefined, and logged once, if the name is invalid or that of another kind. */
    counter(name: string): AppInstrument | undefined {
      const instrument = instruments.get(name) ?? create(name, '', () => createCounter(name));
      if (instrument?.kind === 'histogram') {
        return refuse(
          'kind',
          `${quoted(name)} is timed or observed and cannot be counted as well: give it another name`,
        );
      }
      return instrument;
    },
    /**
     * The same for a histogram.
     * @param unit in UCUM; undefined for the unit of the first call
     */
    histogram,
    /** The busy time of what is timed under a name, a histogram in seconds: `<name>.cpu`. */
    busyTime(name: string): AppInstrument {
      const instrument = busyTimes.get(name) ?? createHistogram(`${name}${CPU}`, 's');
      busyTimes.set(name, instrument);
      return instrument;
    },
  };
}

export type AppInstruments = ReturnType<typeof createAppInstruments>;
