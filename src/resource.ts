import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Config } from './config.ts';

/**
 * What the metrics are about: the service, the SDK, this distribution, and what `OTEL_RESOURCE_ATTRIBUTES` adds.
 * https://opentelemetry.io/docs/specs/semconv/resource/
 */
export function createResource(config: Config, version: string): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      'telemetry.distro.name': 'routemeter',
      'telemetry.distro.version': version,
      ...config.resourceAttributes,
      'service.name': config.serviceName,
    }),
  );
}
