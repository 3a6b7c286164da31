/** How a benchmark is to run. */
export interface Settings {
  /** Undefined: the benchmark's own number. */
  readonly rounds: number | undefined;
  /** Few rounds and little work: to see that it runs, not to quote. */
  readonly quick: boolean;
  readonly progress: (line: string) => void;
  /** The same for what must not be: a process that fails, a request that is not counted. */
  readonly problem: (line: string) => void;
}
