import type { Bounds } from '../../../src/views/admission/bounds.ts';

/** How many measurements have lost a value, by instrument and attribute. */
export function overflowsOf({ overflows }: Bounds): Record<string, number> {
  return Object.fromEntries(
    [...overflows.all()].map(({ attributes, measurements }) => [
      Object.values(attributes).join(' '),
      measurements,
    ]),
  );
}
