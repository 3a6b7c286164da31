/**
 * How names that are not of letters, digits and underscores are written, as the client of a scrape asks for it:
 * https://github.com/prometheus/proposals/blob/main/proposals/2023-08-21-utf8.md#text-escaping
 */
export const ESCAPING_SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type EscapingScheme = (typeof ESCAPING_SCHEMES)[number];

export function escapingScheme(text: string | undefined): EscapingScheme | undefined {
  return ESCAPING_SCHEMES.find((scheme) => scheme === text);
}

/** Replaces lone surrogates, which UTF-8 cannot express. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Whether a metric with that name needs no escaping. */
export function isLegacyName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** Whether a label with that name needs no escaping. */
export function isLegacyLabel(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** Escapes a name, unless it needs no escaping. */
export function escapeName(name: string, scheme: EscapingScheme): string {
  return scheme === 'allow-utf-8' || isLegacyName(name) ? name : ESCAPES[scheme](name);
}

/** Escapes the name of a label, which unlike that of a metric must not have a colon. */
export function escapeLabel(name: string, scheme: EscapingScheme): string {
  return scheme === 'allow-utf-8' || isLegacyLabel(name)
    ? name
    : ESCAPES[scheme](name).replaceAll(':', scheme === 'values' ? '_3a_' : '_');
}

/** The table of https://prometheus.io/docs/instrumenting/escaping_schemes */
const ESCAPES: Readonly<Record<Exclude<EscapingScheme, 'allow-utf-8'>, (name: string) => string>> = {
  underscores: (name) => eachCharacter(name, () => '_'),
  dots: (name) =>
    eachCharacter(name.replaceAll('_', '__'), (character) => (character === '.' ? '_dot_' : '__')),
  values: (name) => `U__${eachCharacter(name.replaceAll('_', '__'), codePoint)}`,
};

function codePoint(character: string): string {
  return `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
}

/** Replaces the characters that a name cannot have, among them a digit in front. */
function eachCharacter(name: string, replace: (character: string) => string): string {
  return name.replace(/^[0-9]|[^a-zA-Z0-9_:]/gu, replace);
}
