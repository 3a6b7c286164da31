import type { Dialect } from './dialect.ts';
import { dogstatsd } from './dogstatsd.ts';

/** `name:1:2|d|@0.5|#key:value`, DogStatsD 1.1: Datadog's Agent from 7.25 on, statsd_exporter. */
export const datadog: Dialect = {
  ...dogstatsd,
  specification: 'https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/#dogstatsd-protocol-v11',
  joined: 'values',
};
