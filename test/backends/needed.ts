import { type BackendName, isReady } from '../../scripts/backends/pins.ts';

/**
 * For a test's `skip`: false when it can run, otherwise why it is skipped. With CI=true nothing is skipped; a backend
 * that is missing then fails the test when it is started.
 */
export function missing(...names: BackendName[]): string | false {
  const absent = names.filter((name) => !isReady(name));
  if (absent.length === 0 || process.env.CI === 'true') return false;
  return `${absent.join(', ')} missing: run npm run backends`;
}
