/** The most characters of foreign text in a message. */
const MOST = 200;
/** A shorter secret is replaced only where it stands alone: `a` is part of every other word. */
const SHORT = 8;

export type Quote = (text: string) => string;

/**
 * Makes foreign text fit for a message of ours: one line of bounded length, without control characters, and without the
 * secrets that we sent, since some backends repeat them.
 *
 * @param secrets values of headers, and the user and the query of a URL
 */
export function createQuote(secrets: readonly string[]): Quote {
  const hidden = [...new Set(secrets.flatMap(forms))]
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length)
    .map((secret) => {
      const exact = secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return new RegExp(secret.length < SHORT ? `(?<![\\w-])${exact}(?![\\w-])` : exact, 'g');
    });
  return (text) => {
    // Before cutting, since half of a secret is still one.
    const clear = hidden.reduce((shown, secret) => shown.replace(secret, '***'), text.slice(0, 100 * MOST));
    const line = clear.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
    const characters = [...line];
    return characters.length > MOST ? `${characters.slice(0, MOST).join('')}…` : line;
  };
}

/** A secret and its recognizable parts: user and password of `Basic`, the token of `Bearer`. */
function forms(secret: string): string[] {
  const [scheme = '', ...credentials] = secret.trim().split(/\s+/);
  const basic = /^basic$/i.test(scheme) ? Buffer.from(credentials[0] ?? '', 'base64').toString() : '';
  const password = basic.slice(basic.indexOf(':') + 1);
  const clear = [secret.trim(), ...credentials, basic, password];
  return [
    ...clear,
    ...clear.flatMap((form) => [coded(encodeURIComponent, form), coded(decodeURIComponent, form)]),
  ];
}

function coded(code: (text: string) => string, text: string): string {
  try {
    return code(text);
  } catch {
    return '';
  }
}
