import type { MetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Collection, Collections } from '../instruments/app/collections.ts';
import type { Lifetimes } from '../views/admission/lifetimes.ts';

/**
 * What happens around the collections of one reader, in the order of the two lists. The same is done for a
 * {@link PendingReader}, which reads without collecting; a step then gets no collection.
 */
export interface Around {
  readonly before: readonly ((collection?: Collection) => void)[];
  /** Each changes what was collected before anybody sees it. */
  readonly after: readonly ((metrics: ResourceMetrics, collection?: Collection) => void)[];
}

/**
 * The only place that replaces a reader's `collect`.
 *
 * @param lifetimes of series, which end when a collection begins
 */
export function aroundCollect(
  reader: MetricReader,
  { before, after }: Around,
  collections: Collections,
  lifetimes?: Pick<Lifetimes, 'begin'>,
): void {
  const collect = reader.collect.bind(reader);
  reader.collect = async (options) => {
    const collection = collections.begin();
    for (const step of before) step(collection);
    const end = lifetimes?.begin(reader);
    let collected = false;
    try {
      const result = await collections.during(collection, () => collect(options));
      for (const step of after) step(result.resourceMetrics, collection);
      collected = true;
      return result;
    } finally {
      end?.(collected);
    }
  };
}
