import type { Attributes } from '@opentelemetry/api';
import type { TagDeclaration } from '../../config/types.ts';
import type { Log } from '../../guest/log.ts';
import { printed, quoted } from '../../guest/text.ts';
import { OTHER } from '../../metric-data/other.ts';
import type { RequestContext } from './context.ts';

/** The declared keys that label requests, and the values that they may have. */
export function createTags(declared: readonly TagDeclaration[], log: Log) {
  const keys = declared.map(({ key }) => key);
  const indices = new Map(declared.map(({ key }, index) => [key, index]));
  const values = declared.map((declaration) => new Set(declaration.values));
  return {
    /** Logs once if the key is not declared, or if the value is not: the value is then `_OTHER`. */
    set(context: RequestContext, key: string, value: string): void {
      const index = indices.get(key);
      if (index === undefined) {
        log.once(
          'in-request.tag',
          'warn',
          `the tag ${printed(key)} is not set: ROUTEMETER_TAGS declares ${keys.length === 0 ? 'no tags' : keys.join(', ')}`,
        );
        return;
      }
      const allowed = values[index];
      if (allowed?.has(value) === false) {
        log.once(
          'in-request.tag-value',
          'warn',
          `${printed(value)} is not a declared value of the tag ${quoted(key)} and counts as ${OTHER}: ROUTEMETER_TAGS declares ${[...allowed].join(', ')}`,
        );
      }
      context.tags ??= keys.map(() => undefined);
      context.tags[index] = allowed?.has(value) ? value : OTHER;
    },
    addTo(attributes: Attributes, { tags }: RequestContext): void {
      tags?.forEach((value, index) => {
        const key = keys[index];
        if (key !== undefined && value !== undefined) attributes[key] = value;
      });
    },
  };
}

export type Tags = ReturnType<typeof createTags>;
