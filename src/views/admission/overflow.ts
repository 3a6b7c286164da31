import type { Attributes } from '@opentelemetry/api';

/**
 * The series that counts what no other series may.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
 */
export const OVERFLOW: Attributes = Object.freeze({ 'otel.metric.overflow': true });
