import type { Format } from './format.ts';
import { openMetrics001, openMetrics100 } from './open-metrics.ts';
import { protobuf } from './protobuf.ts';
import { text004, text100 } from './text.ts';

/** All formats, the preferred ones first; a client that asks for none of them gets the first. */
export const FORMATS: readonly [Format, ...Format[]] = [
  text004,
  openMetrics100,
  openMetrics001,
  text100,
  protobuf,
];
