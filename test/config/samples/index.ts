import { EXPORTERS } from './exporters.ts';
import { GENERAL } from './general.ts';
import { REQUESTS } from './requests.ts';
import type { Samples } from './sample.ts';
import { SERIES } from './series.ts';

/** By the first variable of each row. */
export const SAMPLES: Samples = { ...GENERAL, ...EXPORTERS, ...REQUESTS, ...SERIES };
