import type { InstrumentationScope } from '@opentelemetry/core';

/** Equal for two scopes that the SDK takes for one; as in the SDK, a name that is not a string counts as empty. */
export function scopeKey(scope: Partial<Record<keyof InstrumentationScope, unknown>>): string {
  const { name, version, schemaUrl } = scope;
  return JSON.stringify([typeof name === 'string' ? name : '', version ?? '', schemaUrl ?? '']);
}
