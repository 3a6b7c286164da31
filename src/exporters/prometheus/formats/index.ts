import type { Format } from './format.ts';
import { textFormat } from './text.ts';

/** All formats; a client that asks for none of them gets the first. */
export const FORMATS: readonly [Format, ...Format[]] = [textFormat];
