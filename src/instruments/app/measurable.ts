import { printed } from '../../guest/text.ts';

/** However many of these are added, their sum is finite. */
export const MOST = 1e100;

/** Whether a value is a measurement. */
export type IsMeasurable = (value: unknown) => value is number;

export interface MeasurableOptions {
  /** Named in the warning. */
  readonly instrument: string;
  /** What measurements become: a sum, a sum that only goes up, or the last value. */
  readonly as: 'sum' | 'increasing' | 'last';
  /** Values are whole numbers, or cut to them. */
  readonly integer: boolean;
  readonly warn: (message: string) => void;
}

/**
 * Tells measurements from other values. A sum that has once become NaN or Infinity stays so and loses every later
 * measurement, so that only finite numbers may be added. A last value may be any number. For each instrument, the first
 * value that is left out is logged.
 *
 * The SDK itself leaves out negative values of sums that only go up.
 */
export function createMeasurable({ instrument, as, integer, warn }: MeasurableOptions): IsMeasurable {
  const any = as === 'last' && !integer;
  const most = as === 'last' ? Number.MAX_VALUE : MOST;
  const accepted = {
    sum: `a number from -${MOST} to ${MOST}`,
    increasing: `a number from 0 to ${MOST}`,
    last: any ? 'a number' : 'a finite number',
  }[as];
  let told = false;

  return (value): value is number => {
    if (typeof value === 'number' && ((value <= most && value >= -most) || any)) return true;
    if (!told) {
      told = true;
      warn(`a measurement of ${printed(instrument)} was dropped: ${printed(value)} is not ${accepted}`);
    }
    return false;
  };
}
