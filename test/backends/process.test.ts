/** The harness itself: a program is started and killed, starts again at the same port, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { freePort, isBound, isFree } from '../ports.ts';
import { missing } from './needed.ts';
import { type Running, startProcess } from './process.ts';
import { promtool, startPrometheus } from './prometheus.ts';
import { startStatsdExporter } from './statsd-exporter.ts';

it('a backend is killed, restarted and stopped', { skip: missing('statsd-exporter') }, async () => {
  const backend = await startStatsdExporter();
  assert.ok(existsSync(backend.folder));
  assert.equal(await isFree(backend.port), false);
  await backend.kill();
  assert.equal(await isFree(backend.port), true);
  await backend.restart();
  assert.match(await backend.metrics(), /^statsd_exporter/m);
  await backend.stop();
  assert.equal(await isFree(backend.port), true);
  assert.equal(existsSync(backend.folder), false);
});

it('Prometheus and promtool report what is wrong', { skip: missing('prometheus') }, async () => {
  await using prometheus = await startPrometheus();
  assert.deepEqual(await prometheus.query('scalar(vector(-1)) / 0'), [{ labels: {}, value: -Infinity }]);
  await assert.rejects(prometheus.query('('), /unclosed left parenthesis/);
  await assert.rejects(promtool(['check', 'config', 'no-such-file']), /does not exist/);
});

describe('a program that does not start', () => {
  const start = (program: string, args: readonly string[]): Promise<Running> =>
    startProcess({ name: 'broken', program, args, ready: () => false });
  const cases: [what: string, program: string, args: string[], message: RegExp][] = [
    ['ends', process.execPath, ['-e', 'console.error("because"); process.exit(3)'], /exit code 3.*because/s],
    ['is killed', process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")'], /ended at once: SIGKILL/],
    ['is not there', '/no/such/program', [], /ENOENT/],
  ];
  for (const [what, program, args, message] of cases) {
    it(what, () => assert.rejects(start(program, args), message));
  }
});

describe('ports', () => {
  it('are free for UDP and TCP, and known when they are not', async () => {
    const port = await freePort();
    assert.equal(isBound(port), false);
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    assert.equal(isBound(port), true);
    assert.equal(await isFree(port), false);
    socket.close();
  });
});
