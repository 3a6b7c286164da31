/**
 * Writes docs/metrics.md: every metric, as running programs push and serve it. Needs dist.
 *
 *   node scripts/metrics-page.ts
 */
import { writeFileSync } from 'node:fs';
import { observe } from './metrics-page/observe.ts';
import { metricsPage } from './metrics-page/page.ts';

const { metrics } = await observe();
writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage(metrics));
