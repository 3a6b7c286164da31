import { publishesStreams } from '../../guest/supported.ts';
import { isSecure, onConnection } from './connections.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { measureHttp1 } from './http1.ts';
import { measureHttp2 } from './http2.ts';
import { measureUpgrades } from './upgrades.ts';
import { measureWaiting } from './waiting.ts';

/** Measures the requests of every server in the process without patching any. */
export function startLeanEngine(options: EngineOptions): Engine {
  const waiting = options.optIn.queue ? measureWaiting(options.guard) : undefined;
  const upgrades = measureUpgrades(options, waiting);
  const http1 = measureHttp1(options, waiting, upgrades.watch);
  const http2 = publishesStreams(process.versions.node) ? measureHttp2(options, waiting) : undefined;
  const stopConnections = onConnection(options, http1.connect);
  return {
    begin: http1.begin,
    connect(socket, server) {
      if (!isSecure(server) && 'headersTimeout' in server) http1.connect(socket, server);
    },
    adopt() {
      if (http2 === undefined || http2.open() === 0) http1.adopt();
    },
    sweep() {
      http1.sweep();
      upgrades.sweep();
    },
    *streams() {
      yield* http1.streams();
      if (http2 !== undefined) yield* http2.streams();
      yield* upgrades.streams();
    },
    stop() {
      stopConnections();
      http1.stop();
      http2?.stop();
      upgrades.stop();
      waiting?.stop();
    },
  };
}
