import { decoded, isRecord } from '../../guest/shape.ts';
import { quoted } from '../../guest/text.ts';
import type { Check, Settings } from '../settings.ts';
import type { StatsdAddress } from '../types.ts';
import { list } from './lists.ts';
import { host, integer } from './values.ts';

const PORT = 8125;

/** Bytes of the longest path that a socket can have: https://man7.org/linux/man-pages/man7/unix.7.html */
const LONGEST_PATH = 107;

const ADDRESSES = `udp://host:port, tcp://host:port or unix:///path, port ${PORT} by default`;

export const statsdAddress: Check<StatsdAddress> = (given, settings) => {
  const reject = (what: string): undefined => given.reject(what, ADDRESSES);
  const url = typeof given.value === 'string' && URL.canParse(given.value) ? new URL(given.value) : undefined;
  if (url === undefined) return reject('not a URL');
  const transport = url.protocol.slice(0, -1);
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '') {
    return reject('must not contain credentials, a query or a fragment');
  }
  if (transport === 'unix') {
    const path = decoded(url.pathname);
    if (url.host !== '' || path === undefined || !/^\/[^\0]*[^/\0]$/.test(path)) {
      return reject('not the absolute path of a socket');
    }
    if (Buffer.byteLength(path) > LONGEST_PATH) return reject(`the path has more than ${LONGEST_PATH} bytes`);
    return { transport, path };
  }
  if (transport !== 'udp' && transport !== 'tcp') {
    return reject(`the scheme ${quoted(transport)} is not supported`);
  }
  if (!/^\/?$/.test(url.pathname)) return reject('must not contain a path');
  if (url.port === '0') return reject('the port must not be 0');
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const name = host({ ...given, value: hostname, reject: () => undefined }, settings);
  if (name === undefined) return reject('has no valid host');
  return { transport, host: name, port: url.port === '' ? PORT : Number(url.port) };
};

/** `shop` becomes `shop.`, as other clients have it. */
export const prefix: Check<string> = ({ value, reject }) => {
  if (typeof value !== 'string' || !/^\w[\w-]*(\.[\w-]+)*\.?$/.test(value)) {
    return reject('not a valid prefix', 'letters, digits, _, - and ., such as shop or shop.web');
  }
  return /[._-]$/.test(value) ? value : `${value}.`;
};

export const NAME_ORDER = ['http.request.method', 'http.route', 'http.response.status_code'] as const;

export const nameOrder: Check<readonly string[]> = (given) => {
  const names = list(given);
  if (names === undefined) return undefined;
  const accepted = `names of attributes, such as ${NAME_ORDER.join()}`;
  if (names.length === 0) return given.reject('names no attribute', accepted);
  const wrong = names.find((name, index) => !/^[\w.-]+$/.test(name) || names.indexOf(name) !== index);
  if (wrong === undefined) return names;
  return given.reject(`${quoted(wrong)} is not the name of an attribute, or is given twice`, accepted);
};

/** Bytes that one UDP datagram over IPv4 can carry. */
const LARGEST_DATAGRAM = 65_507;

/** Bytes of the name, the value and the attributes of a request whose route is no longer than 100. */
const LINE = 300;

/** A packet must hold one line, with the prefix and the labels. */
export const packetSize =
  (namePrefix: string): Check<number> =>
  (given, settings) => {
    const longest = LINE + Buffer.byteLength(namePrefix + labelsText(settings));
    return integer(Math.min(LARGEST_DATAGRAM, longest), LARGEST_DATAGRAM)(given, settings);
  };

function labelsText(settings: Settings): string {
  const fromEnvironment = settings.variable('ROUTEMETER_LABELS');
  const option = settings.option({ option: 'labels' })?.value;
  const fromCode = isRecord(option)
    ? Object.entries(option).filter(([, value]) => typeof value === 'string')
    : [];
  return `${fromEnvironment?.value ?? ''}${fromCode.map((pair) => pair.join('=')).join('')}`;
}
