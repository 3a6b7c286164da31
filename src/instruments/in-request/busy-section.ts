import { Part, type RequestContext, type RequestContexts } from './context.ts';

/** The busy time of something that is being timed. */
export function createBusySection(contexts: RequestContexts, within: RequestContext | Part | undefined) {
  const before = within && contexts.busySeconds(within);
  let part: Part | undefined;
  return {
    /** Runs a function as a part of its own. */
    run<Result>(work: () => Result): Result {
      part ??= new Part(within);
      return contexts.run(part, work);
    },
    /**
     * Seconds: for a function, its own busy time; for a block, where nothing was run, what its request has had meanwhile.
     * Undefined for a block outside of a request.
     */
    end(): number | undefined {
      if (part !== undefined) {
        part.over = true;
        return contexts.busySeconds(part);
      }
      const after = within && contexts.busySeconds(within);
      return after === undefined || before === undefined ? undefined : after - before;
    },
  };
}

export type BusySection = ReturnType<typeof createBusySection>;
