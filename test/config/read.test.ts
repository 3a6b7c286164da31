import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { environment, isDisabled } from '../../src/config/read.ts';
import type { Env } from './source.ts';

for (const name of ['ROUTEMETER_DISABLED', 'OTEL_SDK_DISABLED']) {
  it(`only true disables routemeter by ${name}`, () => {
    const disabling = ['true', 'TRUE', ' True ', 'false', '1', 'yes', '', undefined].filter((value) =>
      isDisabled({ [name]: value }),
    );
    assert.deepEqual(disabling, ['true', 'TRUE', ' True ']);
  });
}

describe('routemeter beside another SDK', () => {
  const cases: readonly (readonly [own: string, any: string, disabled: boolean])[] = [
    ['true', 'false', true],
    ['false', 'true', false],
    ['no', 'true', false],
    ['', 'true', true],
    [' ', 'true', true],
  ];
  for (const [own, any, disabled] of cases) {
    it(`is ${disabled ? 'off' : 'on'} with ROUTEMETER_DISABLED=${own} and OTEL_SDK_DISABLED=${any}`, () =>
      assert.equal(isDisabled({ ROUTEMETER_DISABLED: own, OTEL_SDK_DISABLED: any }), disabled));
  }
});

describe('under PM2, its JSON', () => {
  const cases: readonly (readonly [what: string, pm2_env: string, part: Env])[] = [
    ['fills in what is missing', '{"B":81,"C":true,"args":[]}', { B: '81', C: 'true' }],
    ['replaces what is set, as PM2 itself does a moment later', '{"A":"2"}', { A: '2' }],
    ['is ignored when it is broken', '{', {}],
    ['is ignored when it is not an object', 'null', {}],
  ];
  for (const [what, pm2_env, part] of cases) {
    it(what, () => assert.deepEqual(environment({ A: '1', pm2_env }), { A: '1', pm2_env, ...part }));
  }
});

it('reads the environment and the entry script of the process, links resolved; under PM2 those of the app', () => {
  const print = `import { isDisabled, readConfig } from '${new URL('../../src/config/read.ts', import.meta.url)}';
    const { config } = readConfig({ ignore: ['/x'] });
    console.log(isDisabled(), config.serviceName, config.exporters[0].port, config.ignore.join());`;
  const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
  const app = join(folder, 'app', 'main.mjs');
  const run = (script: string, env: Env): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, script)], { env, encoding: 'utf8' });
    return stdout + stderr;
  };
  try {
    mkdirSync(join(folder, 'app'));
    writeFileSync(join(folder, 'app', 'package.json'), '{"name":"linked"}');
    writeFileSync(app, print);
    symlinkSync(app, join(folder, 'main.mjs'));
    writeFileSync(join(folder, 'ProcessContainer.mjs'), print);
    assert.equal(run('main.mjs', { OTEL_EXPORTER_PROMETHEUS_PORT: '80' }), 'false linked 80 /x\n');
    const pm2_env = '{"OTEL_SDK_DISABLED":true,"OTEL_EXPORTER_PROMETHEUS_PORT":81}';
    assert.equal(run('ProcessContainer.mjs', { pm2_env, pm_exec_path: app }), 'true linked 81 /x\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
