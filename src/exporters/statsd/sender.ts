import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createQueue } from '../../guest/one-at-a-time.ts';
import type { createDifferences } from './differences.ts';
import { packetsOf } from './packets.ts';
import type { Transport } from './transports/transport.ts';

/** Counted since the start of the process. */
export interface SenderCounts {
  /** Accepted by the socket. */
  packets: number;
  /** In these packets, without headers. */
  bytes: number;
  /** Lost after they were accepted, or too long to be sent. */
  packetsDropped: number;
  /** Attempts that followed a failed one. */
  retries: number;
}

export interface SenderOptions {
  /** Bytes of the largest packet. */
  readonly packetSize: number;
  readonly differences: ReturnType<typeof createDifferences>;
  readonly transport: Transport;
  readonly counts: SenderCounts;
  /** Called with a line that is longer than a packet may be. */
  readonly onOversized: (line: string) => void;
}

/** Sends collections in turn, each packet by packet. */
export interface Sender {
  /**
   * Resolves when everything has left. Rejects at the first packet that is held: it and those after it are then part
   * of the next collection's differences.
   */
  send(metrics: ResourceMetrics): Promise<void>;
  /** Set while the process may be about to end; applies from the next packet on. */
  urgent: boolean;
  /** Gives up the collection that is being sent. */
  abort(): void;
}

export class HeldError extends Error {}

export function createSender(options: SenderOptions): Sender {
  const { packetSize, differences, transport, counts, onOversized } = options;
  const end = transport.lineEnd;
  const inTurn = createQueue();
  let generation = 0;
  let failed = false;

  const run = async (metrics: ResourceMetrics): Promise<void> => {
    const own = generation;
    for (const { text, bytes, pieces } of packetsOf(differences(metrics), packetSize - end.length)) {
      if (own !== generation) throw new HeldError('given up');
      if (bytes + end.length > packetSize) {
        onOversized(text);
        counts.packetsDropped++;
      } else {
        if (failed) counts.retries++;
        const outcome = await transport.send(Buffer.from(text + end), sender.urgent);
        failed = outcome === 'held';
        if (failed) throw new HeldError('not accepted');
        if (outcome === 'accepted') {
          counts.packets++;
          counts.bytes += bytes + end.length;
        } else counts.packetsDropped++;
      }
      for (const piece of pieces) piece.commit();
    }
  };

  const sender: Sender = {
    urgent: false,
    // A collection that is still being sent has not been committed, so the next one must wait or would repeat it.
    send: (metrics) => inTurn(() => run(metrics)),
    abort() {
      generation++;
      transport.close();
    },
  };
  return sender;
}
