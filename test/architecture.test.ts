import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../src', import.meta.url));
const sources = globSync('**/*.ts', { cwd: ROOT });
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Files of ours that a file imports, or loads when it needs them. */
function imports(file: string): string[] {
  const fromHere = [...text(file).matchAll(/(?:from|import\(|import) '(\.[^']+)'/g)].map(([, path = '']) =>
    relative(ROOT, join(ROOT, dirname(file), path)),
  );
  const loaded = [...text(file).matchAll(/(?:load<[^;]*?>\(\s*|: )'\.\/([\w/-]+)'/g)].map(
    ([, path = '']) => `${path}.ts`,
  );
  return [...fromHere, ...loaded.filter((path) => sources.includes(path))];
}

describe('imports point down the pipeline', () => {
  const rules: [from: RegExp, to: RegExp, why: string][] = [
    [/^instruments\//, /^exporters\//, 'instruments do not know who exports'],
    [/^views\//, /^(exporters|instruments)\//, 'views know neither who records nor who exports'],
    [/^exporters\//, /^(instruments|views)\//, 'exporters know neither who records nor how it is shaped'],
    [/^exporters\/prometheus\//, /^exporters\/(otlp|console)/, 'exporters do not know one another'],
    [/^exporters\/(otlp|console)/, /^exporters\/prometheus/, 'exporters do not know one another'],
    [/^config/, /^(?!builtin|config|load\.ts)/, 'the configuration knows nothing of the program'],
    [
      /^lifecycle\.ts/,
      /^(exporters|instruments|views)\//,
      'the end of the process knows not what is flushed',
    ],
    [
      /^in-request\//,
      /^(?!in-request\/)/,
      'the in-request API stands alone, so that a bundle may hold a copy of it',
    ],
    [/^(?!index\.ts)/, /^(register|index|control)\.ts/, 'the entry points are at the top'],
    [/^(?!runtime\.ts)/, /^start\.ts/, 'only the runtime composes'],
  ];
  for (const [from, to, why] of rules) {
    it(why, () => {
      const broken = sources
        .filter((file) => from.test(file))
        .flatMap((file) =>
          imports(file)
            .filter((path) => to.test(path))
            .map((path) => `${file} -> ${path}`),
        );
      assert.deepEqual(broken, []);
    });
  }

  it('the in-request API needs no module but its own', () => {
    const others = sources
      .filter((file) => file.startsWith('in-request/'))
      .filter((file) =>
        /^(?:import|export) [^;]*from '(?!\.\/)|\b(?:import|require|load)\(/m.test(text(file)),
      );
    assert.deepEqual(others, []);
  });

  it('and the search for imports finds them', () => {
    assert.ok(imports('start.ts').includes('views/views.ts'));
    assert.ok(imports('start.ts').includes('instruments/http/otel.ts'));
    assert.ok(imports('exporters/index.ts').includes('exporters/prometheus/index.ts'));
  });
});

describe('one place each', () => {
  const places: [what: string, pattern: RegExp, files: string[]][] = [
    ['reads the environment', /process\.env\b/, ['config.ts']],
    ['ends the process', /process\.exit\(/, ['runtime.ts', 'signals.ts']],
    ['opens an HTTP server', /createServer\(/, ['exporters/prometheus/endpoint.ts']],
    [
      'imports what instrumentations patch',
      /^import (?!type)[^;]*from 'node:(?:http|https|http2|net|fs|dns|child_process)/m,
      [],
    ],
    ['touches the API global', /opentelemetry\.js\.api\.1/, ['api-global.ts']],
  ];
  for (const [what, pattern, files] of places) {
    it(what, () => {
      assert.deepEqual(
        sources.filter((file) => pattern.test(text(file))),
        files,
      );
    });
  }
});
