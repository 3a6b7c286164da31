import { getBuiltinModule } from '../guest/builtin.ts';

/** Of the names of service instances, by the semantic conventions. */
const NAMESPACE = Buffer.from('4d63009a8d0f11eeaad74c796ed8e320', 'hex');

/**
 * `service.instance.id` of a whole group: a UUID of version 5.
 * https://opentelemetry.io/docs/specs/semconv/resource/#service
 */
export function instanceId(name: string): string {
  // Not earlier: it takes long to load.
  const { createHash } = getBuiltinModule('node:crypto');
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
