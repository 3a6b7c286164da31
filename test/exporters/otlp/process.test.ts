import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Answer, startOtlpReceiver } from '../../receivers/otlp.ts';
import { startSilentPort } from '../../receivers/silent-port.ts';
import { otlpConfig } from '../push-context.ts';

/** A process that something holds would live for at least this long. */
const HELD = 60_000;

interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly output: readonly string[];
  /** Resolves when it has printed that. */
  said(line: string): Promise<void>;
  /** Leaves it with nothing to do, and resolves with its exit code. */
  end(): Promise<unknown>;
}

const programs: ChildProcessWithoutNullStreams[] = [];
after(() => {
  for (const child of programs) child.kill('SIGKILL');
});

async function startProgram(
  url: string,
  settings: { intervalMillis: number; flushMillis: number },
): Promise<Program> {
  const config = { ...otlpConfig(url, { timeoutMillis: HELD }), ...settings };
  const app = fileURLToPath(new URL('../push-app.ts', import.meta.url));
  const child = spawn(process.execPath, [app, JSON.stringify(config)]);
  programs.push(child);
  const output: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => output.push(line));
  child.stderr.on('data', (text) => output.push(`stderr: ${text}`));
  const said = async (line: string) => {
    while (!output.includes(line)) await once(lines, 'line');
  };
  await said('open');
  return {
    child,
    output,
    said,
    async end() {
      const exited = once(child, 'close');
      child.stdin.end();
      return (await exited)[0];
    },
  };
}

const PATIENCE: Answer = { kind: 'status', status: 503, headers: { 'retry-after': '20' } };
const ENDS: readonly [when: string, answer: Answer, flushMillis: number][] = [
  ['never answers, while it has requests under way', { kind: 'hang' }, 0],
  ['never answers, and it flushes at its end', { kind: 'hang' }, 500],
  ['asks for patience, while it has requests under way', PATIENCE, 0],
  ['asks for patience, and it flushes at its end', PATIENCE, 500],
  ['accepts, over a connection that stays open', { kind: 'accept' }, 0],
];
for (const [when, answer, flushMillis] of ENDS) {
  test(`a process ends by itself when the backend ${when}`, async (t) => {
    const receiver = await startOtlpReceiver();
    t.after(() => receiver.close());
    receiver.answer = answer;
    const program = await startProgram(receiver.url, { intervalMillis: 20, flushMillis });
    await receiver.received(1);
    assert.equal(await program.end(), 0);
  });
}

test('a process ends by itself when a connection that worked hangs', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  const program = await startProgram(receiver.url, { intervalMillis: 20, flushMillis: 0 });
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
  const program = await startProgram(`http://localhost:${silent.port}/v1/metrics`, {
    intervalMillis: 20,
    flushMillis: 500,
  });
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
