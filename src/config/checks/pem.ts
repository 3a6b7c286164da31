import { resolve } from 'node:path';
import { codeOf } from '../../guest/shape.ts';
import type { Check, Given, Row, Settings } from '../settings.ts';

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
  return (given, settings) => {
    const content = read(given, label, settings);
    if (needs !== undefined && settings.find({ variables: needs }) === undefined) {
      const missing = label === 'CERTIFICATE' ? 'its key is missing' : 'its certificate is missing';
      given.reject(missing, `both, with ${needs.at(-1)}`);
    }
    return content;
  };
}

function read({ value, reject }: Given, label: keyof typeof BEGIN, { source }: Settings): Buffer | undefined {
  const accepted = 'the path of a PEM file';
  try {
    const content = source.readFile(resolve(source.cwd, String(value)));
    return hasBlock(content, label) ? content : reject(`has no complete ${label} block`, accepted);
  } catch (error) {
    const code = codeOf(error);
    return reject(`cannot be read${code === undefined ? '' : ` (${code})`}`, accepted);
  }
}

function hasBlock(content: Buffer, label: keyof typeof BEGIN): boolean {
  const text = content.toString('latin1');
  return [...text.matchAll(BEGIN[label])].some(({ 1: found, index }) =>
    text.includes(`\n-----END ${found}-----`, index),
  );
}
