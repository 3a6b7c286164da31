import type { StatsdDialect } from '../../../config/types.ts';
import { datadog } from './datadog.ts';
import type { Dialect } from './dialect.ts';
import { dogstatsd } from './dogstatsd.ts';
import { etsy } from './etsy.ts';
import { graphite } from './graphite.ts';
import { sysdig } from './sysdig.ts';
import { telegraf } from './telegraf.ts';

/** Every dialect by its name in `ROUTEMETER_STATSD_DIALECT`. */
export const DIALECTS: { readonly [Name in StatsdDialect]: Dialect } = {
  datadog,
  dogstatsd,
  etsy,
  graphite,
  sysdig,
  telegraf,
};
