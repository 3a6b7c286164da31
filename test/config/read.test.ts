import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { isDisabled } from '../../src/config/read.ts';
import type { Env } from './source.ts';

test('only true disables', () => {
  const disabling = ['true', 'TRUE', ' True ', 'false', '1', 'yes', '', undefined].filter((value) =>
    isDisabled({ OTEL_SDK_DISABLED: value }),
  );
  assert.deepEqual(disabling, ['true', 'TRUE', ' True ']);
});

describe('this process', () => {
  const config = pathToFileURL(resolve(import.meta.dirname, '../../src/config/read.ts')).href;
  const print = `import { isDisabled, readConfig } from '${config}';
    const { ok, config, problems } = readConfig({ ignore: ['/x'] });
    console.log(JSON.stringify({ disabled: isDisabled(), ok, problems, name: config?.serviceName,
      port: config?.exporters[0]?.port, ignore: config?.ignore }));`;

  /** What a script prints that is started in a package called linked, through a link from outside of it. */
  function run(env: Env, script = 'main.mjs'): unknown {
    const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
    try {
      mkdirSync(join(folder, 'app'));
      writeFileSync(join(folder, 'app', 'package.json'), '{"name":"linked"}');
      writeFileSync(join(folder, 'app', 'main.mjs'), print);
      symlinkSync(join(folder, 'app', 'main.mjs'), join(folder, 'main.mjs'));
      writeFileSync(join(folder, 'ProcessContainer.mjs'), print);
      const { stdout, stderr } = spawnSync(process.execPath, [join(folder, script)], {
        env: { ...env, pm_exec_path: env.pm2_env === undefined ? '' : join(folder, 'app', 'main.mjs') },
        encoding: 'utf8',
      });
      assert.equal(stderr, '');
      return JSON.parse(stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const expected = { disabled: false, ok: true, name: 'linked', port: 9464, ignore: ['/x'] };

  test('gives its environment and its entry script, links resolved', () => {
    assert.deepEqual(run({ OTEL_EXPORTER_PROMETHEUS_PORT: '80' }), { ...expected, port: 80 });
    assert.deepEqual(run({ OTEL_SDK_DISABLED: 'true' }), { ...expected, disabled: true });
  });

  const pm2: readonly [what: string, env: Env, part: object][] = [
    ['fills in what is missing', { pm2_env: '{"OTEL_EXPORTER_PROMETHEUS_PORT":81,"args":[]}' }, { port: 81 }],
    [
      'replaces what is set, as PM2 itself does a moment later',
      { pm2_env: '{"OTEL_EXPORTER_PROMETHEUS_PORT":"81"}', OTEL_EXPORTER_PROMETHEUS_PORT: '82' },
      { port: 81 },
    ],
    ['can disable', { pm2_env: '{"OTEL_SDK_DISABLED":true}' }, { disabled: true }],
    ['is ignored when it is broken', { pm2_env: '{' }, {}],
    ['is ignored when it is no object', { pm2_env: 'null' }, {}],
  ];
  for (const [what, env, part] of pm2) {
    test(`under PM2, whose JSON ${what}`, () =>
      assert.deepEqual(run(env, 'ProcessContainer.mjs'), { ...expected, ...part }));
  }
});
