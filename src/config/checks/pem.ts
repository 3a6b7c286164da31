import { resolve } from 'node:path';
import { codeOf } from '../../guest/error-code.ts';
import type { Check, Row } from '../settings.ts';

/** The beginning of a PEM block: https://www.rfc-editor.org/rfc/rfc7468 */
const BEGIN = {
  CERTIFICATE: /^-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----/gm,
  'PRIVATE KEY': /^-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY)-----/gm,
};

/**
 * The content of a file with such a block.
 *
 * @param needs variables one of which has to be given as well
 */
export function pemFile(label: keyof typeof BEGIN, needs?: Row['variables']): Check<Buffer> {
  return ({ value, reject }, settings) => {
    const content = ((): Buffer | undefined => {
      const accepted = 'the path of a PEM file';
      const { cwd, readFile } = settings.source;
      try {
        const read = readFile(resolve(cwd, String(value)));
        return hasBlock(read, label) ? read : reject(`has no complete ${label} block`, accepted);
      } catch (error) {
        const code = codeOf(error);
        return reject(`cannot be read${code === undefined ? '' : ` (${code})`}`, accepted);
      }
    })();
    if (needs !== undefined && settings.find({ variables: needs }) === undefined) {
      const missing = label === 'CERTIFICATE' ? 'its key is missing' : 'its certificate is missing';
      reject(missing, `both, with ${needs.at(-1)}`);
    }
    return content;
  };
}

function hasBlock(content: Buffer, label: keyof typeof BEGIN): boolean {
  const text = content.toString('latin1');
  return [...text.matchAll(BEGIN[label])].some(({ 1: found, index }) =>
    text.includes(`\n-----END ${found}-----`, index),
  );
}
