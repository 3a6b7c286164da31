/**
 * The preload with all sources of routes or, if BENCH_SOURCES is `none`, with an empty list of them: what they cost an
 * app that uses none of their frameworks. Not from the bundle, which shows nobody its list.
 */
import { routeSources } from '../../unbundled/instruments/routes/index.js';

if (process.env.BENCH_SOURCES === 'none') routeSources.length = 0;
await import('../../unbundled/register.js');
