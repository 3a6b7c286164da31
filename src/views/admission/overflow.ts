import type { Attributes } from '@opentelemetry/api';

/**
 * The series of measurements for which there is no other.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
 */
export const OVERFLOW: Attributes = Object.freeze({ 'otel.metric.overflow': true });
