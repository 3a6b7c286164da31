import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startOtlpReceiver } from '../../receivers/otlp.ts';
import { startSilentPort } from '../../receivers/silent-port.ts';
import { otlpConfig } from '../push-context.ts';

/** A process that something holds would live for at least this long. */
const HELD = 600_000;

const programs: ChildProcess[] = [];
after(() => {
  for (const child of programs) child.kill('SIGKILL');
});

/** Push-app.ts, once it is open. */
async function startProgram(url: string, flushMillis: number) {
  const config = { ...otlpConfig(url, { timeoutMillis: HELD }), intervalMillis: 20, flushMillis };
  const app = fileURLToPath(new URL('../push-app.ts', import.meta.url));
  const child = spawn(process.execPath, [app, JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  programs.push(child);
  const output: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => output.push(line));
  /** Resolves when it has printed that. */
  const said = async (line: string) => {
    while (!output.includes(line)) await once(lines, 'line');
  };
  await said('open');
  /** Leaves it with nothing to do, and resolves with its exit code. */
  const end = async (): Promise<unknown> => {
    child.stdin.end();
    return (await once(child, 'close'))[0];
  };
  return { output, said, end };
}

test('a process ends by itself when the backend asks for patience', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  receiver.answer = { kind: 'status', status: 503, headers: { 'retry-after': '300' } };
  const program = await startProgram(receiver.url, 500);
  await receiver.received(1);
  assert.equal(await program.end(), 0);
});

test('a process ends by itself when a connection that worked hangs', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  const program = await startProgram(receiver.url, 0);
  await receiver.received(2);
  receiver.answer = { kind: 'hang' };
  await receiver.received(receiver.requests.length + 1);
  assert.equal(receiver.connections, 1);
  assert.equal(await program.end(), 0);
});

const linux = process.platform === 'linux' ? {} : { skip: 'fills a queue of connections as Linux keeps it' };
test('a process ends by itself when its packets are dropped', linux, async (t) => {
  const silent = await startSilentPort();
  t.after(() => silent.close());
  const program = await startProgram(`http://localhost:${silent.port}/v1/metrics`, 500);
  await program.said('exporting');
  assert.equal(await program.end(), 0);
  assert.match(
    program.output.join('\n'),
    /cannot export metrics to .*: no (connection|answer) within [\d.]+ s;/,
  );
});

test('a name of two addresses, the first of which refuses, does not keep a process alive', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  receiver.answer = { kind: 'hang' };
  const agent = new URL('../../../src/exporters/otlp/agent.ts', import.meta.url);
  const script = `
    import { request } from 'node:http';
    import { createAgent } from '${agent.href}';
    const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    const lookup = (name, options, done) => process.nextTick(done, null, addresses);
    request({ port: ${receiver.port}, agent: createAgent('http://name', {}), lookup, host: 'name', method: 'POST' })
      .on('socket', (socket) => socket.on('connect', () => process.stdout.write(socket.remoteAddress)))
      .end('{}');
    setTimeout(() => {}, 500);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  programs.push(child);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  assert.deepEqual([code, output], [0, '127.0.0.1']);
});
