/** What every exporter does, whatever it exports to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createExporter } from '../../src/exporters/index.ts';
import { recordedContext } from '../exporters/push-context.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { EXPORTERS, KINDS } from './exporters.ts';

/** Sockets, servers and timers, those of the test aside, that keep the process alive. */
const holding = (): string[] => process.getActiveResourcesInfo().filter((kind) => !/Pipe|TTY|FS/.test(kind));

for (const kind of KINDS) {
  describe(kind, () => {
    const create = async () => {
      const context = recordedContext();
      const exporter = createExporter(EXPORTERS[kind].config(await freePort()), context);
      const meter = new MeterProvider({ readers: [exporter.reader] }).getMeter('shop');
      meter.createCounter('orders').add(1);
      return { exporter, lines: context.lines };
    };

    it('opens nothing, times nothing and logs nothing before open, and keeps no process alive after it', async (t) => {
      await freePort();
      const before = holding();
      const { exporter, lines } = await create();
      t.after(() => exporter.close());
      assert.equal(exporter.ownServer?.server.listening ?? false, false);
      assert.deepEqual([holding(), lines], [before, []]);
      assert.equal(typeof (await exporter.open()), 'string');
      await until('only what was there before keeps the process', () => holding().length <= before.length);
      assert.deepEqual(lines, []);
    });

    it('can be closed again and again, opened or not', async () => {
      const { exporter, lines } = await create();
      await exporter.close();
      await exporter.close();
      const opened = await create();
      await opened.exporter.open();
      await opened.exporter.close();
      await opened.exporter.close();
      await opened.exporter.processEnd?.flush(60_000);
      assert.deepEqual([lines, opened.lines], [[], []]);
    });

    it('logs once that its backend is not there, however often it flushes, and rejects nothing', async (t) => {
      const { exporter, lines } = await create();
      t.after(() => exporter.close());
      await exporter.open();
      for (let flushes = 0; flushes < 3; flushes++) await exporter.processEnd?.flush(60_000);
      const { down } = EXPORTERS[kind];
      assert.equal(lines.length, down === undefined ? 0 : 1);
      if (down !== undefined) assert.match(lines[0] ?? '', down);
    });
  });
}
