import type { TagDeclaration } from '../../config/types.ts';
import { OTHER } from '../../metric-data/other.ts';

/** The values of all declared tags, in the order of their declaration. */
export type TagValues = (string | undefined)[];

/** The value of a header by its name in lower case, several of them joined by `, `; undefined if there is none. */
export type HeaderOf = (name: string) => string | undefined;

/** Tags requests by headers. A value is one that is declared, or `_OTHER`, and never the text of a header. */
export interface HeaderTags {
  /** The tags of a request that begins; what the app's code sets goes into the same values. */
  ofRequest(headers: Headers): TagValues;
  /** Adds those of its answer, unless the app's code has set them. */
  addAnswer(values: TagValues, header: HeaderOf): void;
}

type Headers = Readonly<Record<string, unknown>>;

/** @returns undefined if no tag comes from a header */
export function createHeaderTags(declared: readonly TagDeclaration[]): HeaderTags | undefined {
  const sources = declared.flatMap(({ values, header }, index) =>
    header === undefined ? [] : { ...header, index, allowed: new Set(values) },
  );
  if (sources.length === 0) return undefined;
  const take = (values: TagValues, of: 'request' | 'response', header: HeaderOf): void => {
    for (const source of sources) {
      if (source.of !== of || values[source.index] !== undefined) continue;
      const text = header(source.name);
      if (text !== undefined) values[source.index] = source.allowed.has(text) ? text : OTHER;
    }
  };
  return {
    ofRequest(headers) {
      const values: TagValues = declared.map(() => undefined);
      take(values, 'request', (name) => (Object.hasOwn(headers, name) ? joined(headers[name]) : undefined));
      return values;
    },
    addAnswer: (values, header) => take(values, 'response', header),
  };
}

/** The value of a header as an object of headers has it. */
export function joined(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(', ') : String(value);
}
