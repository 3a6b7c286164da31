export type MetricType = 'counter' | 'up-down counter' | 'gauge' | 'histogram';

/** What an instrument is declared as. */
export interface Definition {
  readonly name: string;
  /** In UCUM; empty if there is none. */
  readonly unit: string;
  readonly type: MetricType;
}
