import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StatsdAddress } from '../../../../src/config/types.ts';
import { startSilentPort } from '../../../receivers/silent-port.ts';
import { startStatsdReceiver } from '../../../receivers/statsd.ts';
import { numbered } from './transports.ts';

const bound = { timeout: 60_000 };
const APP = fileURLToPath(new URL('transport-app.ts', import.meta.url));

const programs = new Set<ReturnType<typeof spawn>>();
after(() => {
  for (const program of programs) program.kill('SIGKILL');
});

/** Resolves with what the program has printed, a line each, when it has ended by itself. */
async function runToEnd(
  address: StatsdAddress,
  when: 'begin' | 'idle' | 'end',
  ...addresses: string[]
): Promise<readonly string[]> {
  const program = spawn(process.execPath, [APP, JSON.stringify(address), when, ...addresses], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  programs.add(program);
  const output: string[] = [];
  program.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const [code, signal] = await once(program, 'close');
  programs.delete(program);
  assert.deepEqual([code, signal], [0, null]);
  return output.join('').split('\n').slice(0, -1);
}

for (const transport of ['udp', 'tcp', 'unix'] as const) {
  describe(`a program that has nothing else to do than to send over ${transport}`, bound, () => {
    test('ends with its socket open', async (t) => {
      const receiver = await startStatsdReceiver({ transport });
      t.after(() => receiver.stop());
      assert.deepEqual(await runToEnd(receiver.address, 'idle'), ['accepted']);
      await receiver.received(1);
    });

    test('ends while it sends', async (t) => {
      const receiver = await startStatsdReceiver({ transport });
      t.after(() => receiver.stop());
      assert.deepEqual(await runToEnd(receiver.address, 'begin'), []);
    });

    test('delivers what it sends before it ends', async (t) => {
      const receiver = await startStatsdReceiver({ transport });
      t.after(() => receiver.stop());
      assert.deepEqual(await runToEnd(receiver.address, 'end'), Array(101).fill('accepted'));
      await receiver.received(101);
      assert.deepEqual(receiver.lines, ['last:1|c', ...numbered(100)]);
    });

    test('ends when nobody is there', async () => {
      const receiver = await startStatsdReceiver({ transport });
      await receiver.stop();
      assert.deepEqual(await runToEnd(receiver.address, 'begin'), []);
      assert.deepEqual(await runToEnd(receiver.address, 'end'), Array(101).fill('held'));
    });
  });
}

for (const transport of ['udp', 'tcp'] as const) {
  test(
    `a program ends with its ${transport} socket open to the second address of a name`,
    bound,
    async (t) => {
      const receiver = await startStatsdReceiver({ transport });
      t.after(() => receiver.stop());
      assert.ok(receiver.address.transport !== 'unix');
      const address = { ...receiver.address, host: 'statsd.test' };
      assert.deepEqual(await runToEnd(address, 'idle', '127.0.0.2,127.0.0.1'), ['accepted']);
    },
  );
}

const linux = process.platform === 'linux' ? {} : { skip: 'fills a queue of connections as Linux keeps it' };
test('a program ends while it connects to a TCP port that drops packets', {
  ...bound,
  ...linux,
}, async (t) => {
  const silent = await startSilentPort();
  t.after(() => silent.close());
  const address = { transport: 'tcp', host: '127.0.0.1', port: silent.port } as const;
  assert.deepEqual(await runToEnd(address, 'begin'), []);
});
