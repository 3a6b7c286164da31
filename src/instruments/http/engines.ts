import type { HttpEngine } from '../../config/types.ts';
import { load } from '../../guest/load.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { startLeanEngine } from './lean.ts';

type StartEngine = (options: EngineOptions) => Engine;

/** Every engine by its name in `ROUTEMETER_HTTP_ENGINE`; all but the default are loaded when they are chosen. */
const ENGINES = {
  lean: () => startLeanEngine,
  otel: () => load<typeof import('./otel.ts')>('./instruments/http/otel').startOtelEngine,
} satisfies Readonly<Record<HttpEngine, () => StartEngine>>;

export function startEngine(name: HttpEngine, options: EngineOptions): Engine {
  return ENGINES[name]()(options);
}
