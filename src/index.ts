/**
 * The public API: metrics of one's own, by route, from anywhere in a request; and `start` and `stop` for use without
 * the preload. Importing it switches on that requests are told apart where code of theirs runs; `routemeter/start`
 * has only the two, and does not.
 */
import { slot } from './in-request/slot.ts';

export { type Options, start, stop } from './control.ts';
export { count, observe, type Tags, tag } from './in-request/calls.ts';
export { metered } from './in-request/metered.ts';
export { type Timer, time } from './in-request/time.ts';

const shared = slot();
shared.imported = true;
shared.onImport?.();
