import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Config } from './config/config.ts';
import { randomUuid } from './guest/random.ts';

/**
 * The resource of all metrics: the service, this process, the SDK, this distribution, and what
 * `OTEL_RESOURCE_ATTRIBUTES` adds or sets.
 * https://opentelemetry.io/docs/specs/semconv/resource/
 */
export function createResource(config: Config, version: string): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      'telemetry.distro.name': 'routemeter',
      'telemetry.distro.version': version,
      'service.instance.id': randomUuid(),
      ...config.resourceAttributes,
      'service.name': config.serviceName,
    }),
  );
}
