/**
 * The value of an attribute for everything that has none of its own.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/#error-type
 */
export const OTHER = '_OTHER';
