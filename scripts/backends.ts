/**
 * Gets the real backends that the tests of test/backends run against, into .cache/backends: missing ones, and ones
 * whose pin has changed.
 *
 *   node scripts/backends.ts [name ...]
 *
 * Needs Go, npm, and, for Graphite and InfluxDB, Debian's apt. What cannot be got is reported at the end; with
 * CI=true it is then exit code 1.
 */
import { install } from './backends/install.ts';
import { BACKENDS, type BackendName, isReady, NAMES } from './backends/pins.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !NAMES.some((known) => known === name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
  process.exit(2);
}

const wanted = NAMES.filter((name) => asked.length === 0 || asked.includes(name));
const failures = new Map<BackendName, string>();
for (const [i, name] of wanted.entries()) {
  const title = `${i + 1}/${wanted.length} ${name} ${BACKENDS[name].version}`;
  if (isReady(name)) {
    console.log(`${title}: there already`);
    continue;
  }
  console.log(`${title}: getting it ...`);
  const started = performance.now();
  try {
    await install(name);
    console.log(`${title}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    failures.set(name, message.split('\n').findLast((line) => /\w/.test(line)) ?? 'no reason given');
    console.log(`${title}: failed\n${message}`);
  }
}

console.log();
for (const name of wanted) {
  const reason = failures.get(name);
  const { version } = BACKENDS[name];
  console.log(
    `${name.padEnd(16)} ${version.padEnd(9)} ${reason === undefined ? 'ready' : `not got: ${reason}`}`,
  );
}
if (failures.size > 0 && process.env.CI === 'true') process.exitCode = 1;
