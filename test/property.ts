import fc, { type RunDetails } from 'fast-check';
import { SEED } from './length.ts';

fc.configureGlobal({ seed: SEED, reporter: failWithHint });

export default fc;

/** Fails with what fast-check reports, how to repeat the run, and the row that pins the failure once it is mended. */
function failWithHint<Values>(run: RunDetails<Values>): void {
  if (!run.failed) return;
  const hints = [
    fc.defaultReportMessage(run),
    `To repeat it: TEST_SEED=${run.seed} node --test <file>`,
    ...(run.counterexample === null
      ? []
      : [`To pin it, beside the property: { examples: [${fc.stringify(run.counterexample)}] }`]),
  ];
  throw new Error(hints.join('\n\n'), { cause: run.errorInstance });
}
