/** What an endpoint listens on. `localhost` and `127.0.0.1` name the same address, and `0.0.0.0` covers both. */
export interface Endpoint {
  /** Containers may share a folder and still have a network each. */
  readonly network: string;
  /** As it is configured. */
  readonly host: string;
  readonly port: number;
}

/** All addresses of the host. */
const ANY = 'any';
/** Whatever `localhost` stands for. */
const LOOPBACK = 'loopback';

/** The address that a host stands for, equal for all its spellings; undefined for a name that has to be looked up. */
export function addressOf(host: string): string | undefined {
  const plain = host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  if (plain === '') return ANY;
  if (plain === 'localhost' || plain.endsWith('.localhost')) return LOOPBACK;
  const address = plain.includes(':') ? sixOf(plain) : fourOf(plain);
  if (address === '0.0.0.0' || address === '::') return ANY;
  if (address === '127.0.0.1' || address === '::1') return LOOPBACK;
  return address;
}

/** Whether what listens on one address is reached at the other. */
export function covers(listening: string, address: string): boolean {
  return listening === ANY || listening === address;
}

/** Whether two processes cannot listen on these addresses at the same time. */
export function overlaps(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}

/** Equal for the processes of a service that can take over from one another: loopback and all addresses are one place. */
export function placeOf({ network, host, port }: Endpoint): string {
  const address = addressOf(host) ?? host.toLowerCase();
  return JSON.stringify([network, address === LOOPBACK ? ANY : address, port]);
}

/** As the system reads it: parts may be octal or hexadecimal, or left out. */
function fourOf(text: string): string | undefined {
  if (!/^[\da-fx.]+$/.test(text)) return undefined;
  const host = URL.parse(`http://${text}/`)?.hostname;
  return host !== undefined && /^\d+(?:\.\d+){3}$/.test(host) ? host : undefined;
}

/** In its shortest form; an IPv4-mapped address as the IPv4 address. */
function sixOf(text: string): string | undefined {
  const [address = '', zone] = text.split('%');
  const shortest = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  if (shortest === undefined) return undefined;
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(shortest);
  if (mapped === null) return zone === undefined ? shortest : `${shortest}%${zone}`;
  const [high, low] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
  return [high, low].map((part = 0) => `${part >> 8}.${part & 255}`).join('.');
}
