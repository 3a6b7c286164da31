import type { Log } from '../../guest/log.ts';
import { quoted } from '../../guest/text.ts';
import { OTHER } from '../../metric-data/other.ts';
import { errorTypeText } from '../error-type.ts';

/** Types in the life of the process: a name that holds an id must not create endless series. */
const MOST_TYPES = 100;

/**
 * `error.type` of a thrown value: the name of its class, such as `TypeError`; if that is just `Error`, the code that
 * Node.js gives its errors, such as `ENOENT`; for a value that is not an object, its type; `_OTHER` for anything else,
 * and for new types after the first hundred.
 */
export function createThrownTypes(log: Log): (error: unknown) => string {
  const types = new Set<string>();
  return (error) => {
    const type = errorTypeOfThrown(error);
    if (types.has(type) || type === OTHER) return type;
    if (types.size < MOST_TYPES) {
      types.add(type);
      return type;
    }
    log.once(
      'in-request.error-types',
      'warn',
      `the app has thrown errors of ${MOST_TYPES} different names: ${quoted(type)} and any further ones are recorded as error.type ${OTHER}; the name of an error should not contain ids`,
    );
    return OTHER;
  };
}

function errorTypeOfThrown(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { name, code }: { name?: unknown; code?: unknown } = error;
    const given: unknown = typeof name === 'string' && name !== PLAIN ? name : error.constructor.name;
    if (given === PLAIN && typeof code === 'string' && CODE.test(code)) return code;
    return typeof given === 'string' ? errorTypeText(given) : OTHER;
  } catch {
    return OTHER;
  }
}

const PLAIN = 'Error';
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;
