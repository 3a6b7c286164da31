import type { Meter } from '@opentelemetry/api';
import type { Config } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import { load } from '../../guest/load.ts';
import type { Bounds } from '../../views/admission/bounds.ts';
import { createKnownMethods } from '../http/attributes.ts';
import { createClientMetrics } from './client-metrics.ts';
import { measureNodeHttp } from './node-http.ts';

export interface HttpClientOptions {
  readonly meter: Meter;
  readonly config: Config;
  readonly bounds: Bounds;
  readonly guard: Guard;
  /** Whether a request of node:http with this agent is ours. */
  readonly isOwn: (agent: unknown) => boolean;
}

/** Measures the outgoing requests that the configuration enables. @returns a function that stops measuring */
export function measureHttpClient({ meter, config, bounds, guard, isOwn }: HttpClientOptions): () => void {
  const record = createClientMetrics(meter, config, bounds);
  const known = createKnownMethods(config.knownMethods);
  const startFetch = guard('http.client', () => {
    const { measureFetch } = load<typeof import('./fetch.ts')>('./instruments/http-client/fetch');
    return measureFetch({ record, guard, known });
  });
  const ends = [
    config.httpClientEnabled ? measureNodeHttp({ record, guard, isOwn, known }) : undefined,
    config.fetchEnabled ? startFetch() : undefined,
  ];
  return () => {
    for (const end of ends) end?.();
  };
}
