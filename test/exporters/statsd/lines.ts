import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { StatsdDialect } from '../../../src/config/types.ts';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import { createDifferences } from '../../../src/exporters/statsd/differences.ts';
import type { Piece } from '../../../src/exporters/statsd/packets.ts';
import { createMadeInstruments, type MadeInstruments } from '../../../src/views/made-instruments.ts';
import { collected } from '../prometheus/metrics.ts';

export const NAMES = Object.keys(DIALECTS) as StatsdDialect[];

export interface Given {
  readonly prefix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly nameOrder?: readonly string[];
  readonly packetSize?: number;
  readonly instruments?: MadeInstruments;
}

export const NAME_ORDER = ['http.request.method', 'http.route', 'http.response.status_code'];

/** Turns collections into what has not been sent yet. */
export function differences(dialect: StatsdDialect, given: Given = {}): ReturnType<typeof createDifferences> {
  const { labels = {}, packetSize = 1432, instruments = createMadeInstruments() } = given;
  const config = { prefix: given.prefix ?? '', nameOrder: given.nameOrder ?? NAME_ORDER };
  return createDifferences({ dialect: DIALECTS[dialect], config, labels, packetSize, instruments });
}

/** The lines of one collection, each committed before the next one is generated. */
export function sent(pieces: Iterable<Piece>): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    piece.commit();
    lines.push(...piece.text.split('\n'));
  }
  return lines;
}

/** The lines of metrics that are collected for the first time. */
export function linesOf(dialect: StatsdDialect, metrics: readonly MetricData[], given: Given = {}): string[] {
  return sent(differences(dialect, given)(collected([[{ name: 'app' }, metrics]])));
}
