/** How a benchmark is to run. */
export interface Settings {
  /** Undefined: the benchmark's own number. */
  readonly rounds: number | undefined;
  /** Few rounds and little work: to see that it runs, not to quote. */
  readonly quick: boolean;
  readonly progress: (line: string) => void;
}
