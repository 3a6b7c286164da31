import type { StatsdAddress } from '../../../config/types.ts';
import { load } from '../../../guest/load.ts';
import type { CreateTransport } from './transport.ts';

/** Every transport by its scheme in `ROUTEMETER_STATSD_URL`; its module is loaded when it is chosen. */
export const TRANSPORTS: { readonly [Name in StatsdAddress['transport']]: () => CreateTransport } = {
  tcp: () => load<typeof import('./stream.ts')>('./exporters/statsd/transports/stream').createStreamTransport,
  udp: () => load<typeof import('./udp.ts')>('./exporters/statsd/transports/udp').createUdpTransport,
  unix: () =>
    load<typeof import('./stream.ts')>('./exporters/statsd/transports/stream').createStreamTransport,
};
