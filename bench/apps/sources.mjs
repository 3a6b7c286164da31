/**
 * The preload with all sources of routes or, if BENCH_SOURCES is `none`, with an empty list of them: what they cost an
 * app that uses none of their frameworks.
 */
import { routeSources } from '../../dist/instruments/routes/index.js';

if (process.env.BENCH_SOURCES === 'none') routeSources.length = 0;
await import('../../dist/register.js');
