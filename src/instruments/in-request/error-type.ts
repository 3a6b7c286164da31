/**
 * `error.type` of what was thrown: the name of its class, such as `TypeError`, or where that is just `Error` the code
 * that Node.js gives its errors, such as `ENOENT`; the type of what is no object; and `_OTHER` for what is neither.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { name, code }: { name?: unknown; code?: unknown } = error;
    const given = typeof name === 'string' && name !== PLAIN ? name : error.constructor.name;
    if (given === PLAIN && typeof code === 'string' && CODE.test(code)) return code;
    return CLASS.test(given) ? given : OTHER;
  } catch {
    return OTHER;
  }
}

const PLAIN = 'Error';
const CLASS = /^[A-Za-z_$][\w$]{0,63}$/;
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;
const OTHER = '_OTHER';
