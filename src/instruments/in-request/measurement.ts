import type { AppInstrument } from './app-instruments.ts';

/** Something that code in a request has counted or timed. */
export interface Measurement {
  readonly instrument: AppInstrument;
  value: number;
  readonly errorType: string | undefined;
}
