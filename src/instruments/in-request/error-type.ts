/**
 * `error.type` of what was thrown: the name of its class, such as `TypeError`; the type of what is no object; and
 * `_OTHER` for what is no name of a class.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const name: unknown = Reflect.get(error, 'name');
    const given = typeof name === 'string' && name !== 'Error' ? name : error.constructor.name;
    return /^[A-Za-z_$][\w$]{0,63}$/.test(given) ? given : OTHER;
  } catch {
    return OTHER;
  }
}

const OTHER = '_OTHER';
