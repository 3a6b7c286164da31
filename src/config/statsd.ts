import { quoted } from '../guest/text.ts';
import type { StatsdConfig } from './config.ts';
import { list } from './lists.ts';
import { type Check, isRecord, type Settings } from './settings.ts';
import type { StatsdAddress } from './types.ts';
import { choice, host, integer, milliseconds } from './values.ts';

/** https://github.com/statsd/statsd/blob/master/docs/metric_types.md */
export function statsd(settings: Settings): StatsdConfig {
  const address = settings.get(
    url,
    { transport: 'udp', host: '127.0.0.1', port: PORT },
    'ROUTEMETER_STATSD_URL',
  );
  const dialect = settings.get(
    choice(['datadog', 'dogstatsd', 'etsy', 'graphite', 'sysdig', 'telegraf']),
    'dogstatsd',
    'ROUTEMETER_STATSD_DIALECT',
  );
  const namePrefix = settings.get(prefix, '', 'ROUTEMETER_STATSD_PREFIX');
  const nameOrder = settings.get(order, NAME_ORDER, 'ROUTEMETER_STATSD_NAME_ORDER');
  const intervalMillis = settings.get(milliseconds, 10_000, 'ROUTEMETER_STATSD_INTERVAL');
  const packetSize = settings.get(
    integer(longestLine(settings, namePrefix), LARGEST_DATAGRAM),
    1432,
    'ROUTEMETER_STATSD_PACKET_SIZE',
  );
  return { kind: 'statsd', address, dialect, prefix: namePrefix, nameOrder, intervalMillis, packetSize };
}

const PORT = 8125;

/** Bytes that one UDP datagram over IPv4 can carry. */
const LARGEST_DATAGRAM = 65_507;

const NAME_ORDER: readonly string[] = ['http.request.method', 'http.route', 'http.response.status_code'];

/** Bytes of the name, the value and the attributes of a request whose route is no longer than 100. */
const LINE = 300;

/** Bytes of a system's longest path of a socket: https://man7.org/linux/man-pages/man7/unix.7.html */
const LONGEST_PATH = 107;

/** What a packet must hold: one line, with the prefix and the default dimensions. */
function longestLine(settings: Settings, namePrefix: string): number {
  const labels = settings.variable('ROUTEMETER_LABELS');
  const more = settings.option('ROUTEMETER_LABELS')?.value;
  const fromCode = isRecord(more) ? Object.entries(more).filter((pair) => typeof pair[1] === 'string') : [];
  const given = [labels && String(labels.value), ...fromCode.map((pair) => pair.join('=')), namePrefix];
  return Math.min(LARGEST_DATAGRAM, LINE + Buffer.byteLength(given.join('')));
}

const url: Check<StatsdAddress> = (given) => {
  const { value, reject } = given;
  const accepted = `udp://host:port, tcp://host:port or unix:///path, port ${PORT} if there is none`;
  const parsed = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined) return reject('not a URL', accepted);
  const transport = parsed.protocol.slice(0, -1);
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '') {
    return reject('more than an address', accepted);
  }
  if (transport === 'unix') {
    const path = decoded(parsed.pathname);
    if (parsed.host !== '' || path === undefined || !/^\/[^\0]*[^/\0]$/.test(path)) {
      return reject('not the absolute path of a socket', accepted);
    }
    if (Buffer.byteLength(path) > LONGEST_PATH) {
      return reject(`a path of more than ${LONGEST_PATH} bytes`, accepted);
    }
    return { transport, path };
  }
  if (transport !== 'udp' && transport !== 'tcp') {
    return reject(`the scheme ${quoted(transport)} is none of StatsD's`, accepted);
  }
  if (!/^\/?$/.test(parsed.pathname)) return reject('more than an address', accepted);
  if (parsed.port === '0') return reject('no port', accepted);
  const name = host({ ...given, value: parsed.hostname.replace(/^\[|\]$/g, ''), reject: () => undefined });
  if (name === undefined) return reject('no host', accepted);
  return { transport, host: name, port: parsed.port === '' ? PORT : Number(parsed.port) };
};

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** `shop` becomes `shop.`, as other clients have it. */
const prefix: Check<string> = ({ value, reject }) => {
  if (typeof value !== 'string' || !/^\w[\w-]*(\.[\w-]+)*\.?$/.test(value)) {
    return reject('not a prefix of a name', 'letters, digits, _, - and ., such as shop or shop.web');
  }
  return /[._-]$/.test(value) ? value : `${value}.`;
};

const order: Check<readonly string[]> = (given) => {
  const names = list(given);
  if (names === undefined) return undefined;
  const accepted = `names of attributes, such as ${NAME_ORDER.join()}`;
  const wrong = names.find((name, index) => !/^[\w.-]+$/.test(name) || names.indexOf(name) !== index);
  if (wrong !== undefined) return given.reject(`${quoted(wrong)} is no name, or there twice`, accepted);
  return names.length > 0 ? names : given.reject('no names', accepted);
};
