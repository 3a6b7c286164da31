import { type EscapingScheme, escapingScheme } from '../escaping.ts';
import type { Format } from '../formats/format.ts';
import { type MediaRange, parseAccept } from './accept.ts';

export interface Negotiated {
  readonly format: Format;
  /** What the client asked for; a format that cannot write UTF-8 names has them with underscores. */
  readonly escaping: EscapingScheme;
}

/**
 * Chooses what a scrape is answered with: the format that the most wanted media range names with all its parameters.
 * A wildcard names none, and a client that names none gets the first format. It equals `expfmt.NegotiateAccept` of
 * https://github.com/prometheus/common, where the escaping of a media range holds for those after it.
 *
 * https://prometheus.io/docs/instrumenting/content_negotiation
 */
export function negotiate(accept: string | undefined, formats: readonly [Format, ...Format[]]): Negotiated {
  let escaping: EscapingScheme = 'underscores';
  for (const range of parseAccept(accept ?? '')) {
    escaping = escapingScheme(range.parameters.get('escaping')) ?? escaping;
    const format = formats.find((each) => takes(range, each));
    if (format !== undefined) return { format, escaping };
  }
  return { format: formats[0], escaping };
}

/** The versions that a media range without one asks for. */
const DEFAULT_VERSIONS: ReadonlyMap<string, string> = new Map([
  ['application/openmetrics-text', '0.0.1'],
  ['text/plain', '0.0.4'],
]);

function takes({ type, subtype, parameters }: MediaRange, format: Format): boolean {
  const [ownType, ownSubtype] = format.mediaType.split('/');
  if ((type !== '*' && type !== ownType) || (subtype !== '*' && subtype !== ownSubtype)) return false;
  return Object.entries(format.parameters).every(([name, value]) => {
    const asked = parameters.get(name);
    return (name === 'version' ? (asked ?? DEFAULT_VERSIONS.get(`${type}/${subtype}`)) : asked) === value;
  });
}

/** How names are escaped: only a format whose answer names the escaping has them in UTF-8. */
export function writableEscaping({ format, escaping }: Negotiated): EscapingScheme {
  return escaping === 'allow-utf-8' && !format.namesEscaping ? 'underscores' : escaping;
}

/** The `Content-Type` of the answer. */
export function contentType({ format, escaping }: Negotiated): string {
  const parameters = Object.entries(format.parameters).map(([name, value]) => `; ${name}=${value}`);
  const charset = format.isText ? '; charset=utf-8' : '';
  return `${format.mediaType}${parameters.join('')}${charset}${format.namesEscaping ? `; escaping=${escaping}` : ''}`;
}
