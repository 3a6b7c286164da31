import type { Config } from '../config/config.ts';
import type { Guard } from '../guest/guard.ts';
import type { Log } from '../guest/log.ts';
import { isPatchedByApp, onAppPatch } from '../instruments/http/app-patch.ts';

export interface StepAsideOptions {
  readonly config: Pick<Config, 'httpEnabled' | 'runtimeEnabled'>;
  readonly log: Log;
  readonly guard: Guard;
  /** Closes the whole pipeline. */
  readonly close: () => void;
}

/**
 * The app has its own MeterProvider, which now has the app's instruments. Closes everything as soon as the app measures
 * HTTP itself too.
 *
 * @returns a function that ends the wait for that
 */
export function stepAside({ config, log, guard, close }: StepAsideOptions): () => void {
  const closeSince = (why: string): void => {
    log.info(`the app sets its own OpenTelemetry MeterProvider${why}: stepping aside`);
    close();
  };
  if (!config.httpEnabled || isPatchedByApp()) {
    closeSince(config.httpEnabled ? ' and measures HTTP itself' : '');
    return () => {};
  }
  log.info(
    'the app sets its own OpenTelemetry MeterProvider: its instruments go there; ' +
      `only HTTP requests${config.runtimeEnabled ? ' and the runtime' : ''} are measured here`,
  );
  return onAppPatch(guard, () => closeSince(' and measures HTTP itself'));
}
