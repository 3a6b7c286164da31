/** The API's own meter that does nothing, apart so that the preload need not load the API. */
import { createNoopMeter } from '@opentelemetry/api';

export const NOOP_METER = createNoopMeter();
