import fc, { type RunDetails } from 'fast-check';
import { SEED } from './length.ts';

fc.configureGlobal({ seed: SEED, reporter: failWithHint });

export default fc;

/** Any character. `unit: 'binary'` of fast-check is the same, but takes a second to be set up. */
export const character = fc
  .nat(0x10ffff - 0x800)
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

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
