import type { TestContext } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Config, OtlpConfig } from '../../../src/config/config.ts';
import { createOtlpExporter } from '../../../src/exporters/otlp/index.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../receivers/otlp.ts';
import { otlpConfig, recordedContext } from '../push-context.ts';

/** A timeout, in milliseconds, that ends before the library's first retry: 800 to 1200 after an attempt. */
export const NO_RETRY = 700;

export interface Pipeline {
  readonly receiver: OtlpReceiver;
  /** What has been logged, a line each. */
  readonly lines: readonly string[];
  readonly meter: ReturnType<MeterProvider['getMeter']>;
  /** For the exporter's own instruments. */
  readonly own: ReturnType<MeterProvider['getMeter']>;
  readonly exporter: ReturnType<typeof createOtlpExporter>;
  readonly flush: () => Promise<void>;
}

/** An exporter that pushes to a receiver, and what it says. */
export async function setUp(
  t: TestContext,
  settings: Partial<OtlpConfig> = {},
  { config = {}, receiver }: { config?: Partial<Config>; receiver?: OtlpReceiver } = {},
): Promise<Pipeline> {
  const backend = receiver ?? (await startOtlpReceiver());
  t.after(() => backend.close());
  const context = recordedContext(config);
  const exporter = createOtlpExporter(otlpConfig(backend.url, settings), context);
  t.after(() => exporter.close());
  const provider = new MeterProvider({
    readers: [exporter.reader],
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
  });
  await exporter.open();
  const flush = async () => exporter.processEnd?.flush(5000);
  return {
    receiver: backend,
    lines: context.lines,
    meter: provider.getMeter('app'),
    own: provider.getMeter('own'),
    exporter,
    flush,
  };
}
