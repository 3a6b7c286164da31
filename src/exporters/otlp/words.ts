/** Characters of a foreign text that a message shows. */
const MOST = 200;
/** A secret shorter than this is replaced where it stands alone: `a` is a part of every other word. */
const SHORT = 8;

export type Quote = (text: string) => string;

/**
 * Makes foreign text fit for a line of ours: one line, of bounded length, without control characters, and without
 * what was sent in confidence, for some backends repeat it.
 *
 * @param secrets headers, and the user part and the query of a URL
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
    // Before it is cut: half of a secret is one too.
    const clear = hidden.reduce((shown, secret) => shown.replace(secret, '***'), text.slice(0, 100 * MOST));
    const line = clear.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
    const characters = [...line];
    return characters.length > MOST ? `${characters.slice(0, MOST).join('')}…` : line;
  };
}

/** A secret, and the parts by which it can be recognized: `Basic`'s user and password, the token after `Bearer`. */
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
