import { NAME_ORDER, nameOrder, packetSize, prefix, statsdAddress } from '../checks/statsd.ts';
import { choice, milliseconds } from '../checks/values.ts';
import { codes, type Row, type Rows } from '../settings.ts';
import { STATSD_DIALECTS } from '../types.ts';

const PREFIX = {
  variables: ['ROUTEMETER_STATSD_PREFIX'],
  option: 'statsd.prefix',
  check: prefix,
  fallback: '',
  meaning:
    'Put before every name: letters, digits, `_`, `-` and `.`; a `.` is added unless it ends with one of the last three',
} as const satisfies Row;

/** https://github.com/statsd/statsd/blob/master/docs/metric_types.md */
export const STATSD = {
  address: {
    variables: ['ROUTEMETER_STATSD_URL'],
    option: 'statsd.url',
    check: statsdAddress,
    fallback: { transport: 'udp', host: '127.0.0.1', port: 8125 },
    default: '`udp://127.0.0.1:8125`',
    meaning: '`udp://host:port`, `tcp://host:port` or `unix:///path`',
    details: ' of a stream socket; port 8125 by default',
    readme: true,
  },
  dialect: {
    variables: ['ROUTEMETER_STATSD_DIALECT'],
    option: 'statsd.dialect',
    check: choice(STATSD_DIALECTS),
    fallback: 'dogstatsd',
    meaning: codes(STATSD_DIALECTS),
    details: ': [statsd.md](statsd.md)',
    readme: true,
  },
  prefix: PREFIX,
  nameOrder: {
    variables: ['ROUTEMETER_STATSD_NAME_ORDER'],
    option: 'statsd.nameOrder',
    check: nameOrder,
    fallback: NAME_ORDER,
    meaning: 'Attributes whose values make up the names of `etsy`, in this order',
  },
  intervalMillis: {
    variables: ['ROUTEMETER_STATSD_INTERVAL'],
    option: 'statsd.intervalMillis',
    check: milliseconds,
    fallback: 10_000,
    meaning: 'Milliseconds between two times that metrics are sent',
  },
  packetSize: {
    variables: ['ROUTEMETER_STATSD_PACKET_SIZE'],
    option: 'statsd.packetSize',
    check: (given, settings) => packetSize(settings.get(PREFIX))(given, settings),
    fallback: 1432,
    meaning:
      'Bytes of the largest packet, up to 65507; it must hold one line: 300 bytes, the prefix and the labels',
  },
} as const satisfies Rows;
