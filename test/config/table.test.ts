/** What is true of every row of the table of settings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { variablesOf } from '../../scripts/configuration-page/tables.ts';
import { type Row, Settings } from '../../src/config/settings.ts';
import { OPTIONS, TABLE, VARIABLES } from '../../src/config/table.ts';
import { SAMPLES } from './samples/index.ts';
import { type Env, optionsOf, problems, source } from './source.ts';

const ROWS: readonly Row[] = TABLE.flatMap(({ rows }) => Object.values<Row>(rows));

function read(row: Row, env: Env, options?: unknown): { value: unknown; problems: readonly string[] } {
  const settings = new Settings(source({ ...BESIDE[row.variables[0]], ...env }, options));
  return { value: settings.get(row), problems: settings.problems };
}

/** What some variables need beside them. */
const BESIDE: Readonly<Record<string, Env>> = {
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: { OTEL_EXPORTER_OTLP_CLIENT_KEY: '/tls/key.pem' },
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/tls/cert.pem' },
};

/** A value as messages show it: in one line, and no more than 80 characters. */
function shown(row: Row, value: unknown): string {
  if (row.secret) return '(not shown)';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const start = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return typeof value === 'string' ? JSON.stringify(start) : start;
}

for (const row of ROWS) {
  const { variables, fallback, option: path, joined = false } = row;
  const [first, second] = variables;
  describe(variables.join(' or '), () => {
    const sample = SAMPLES[first];
    assert.ok(sample, `there is no sample for ${first}`);
    const { good, bad = {}, accepted, option, badOptions = [] } = sample;
    const [[text = '', value] = []] = Object.entries(good);
    const [wrong = ''] = Object.keys(bad);
    const messages = (name: string, given: unknown, whats: readonly string[]): string[] =>
      whats.map((what) => {
        const rest = what.includes('; accepted: ') ? what : `${what}; accepted: ${accepted}`;
        return `${name}=${shown(row, given)}: ${rest}`;
      });

    it('has its default if it is unset, empty or blank', () => {
      for (const given of [undefined, '', ' \t']) {
        const env = Object.fromEntries(variables.map((name) => [name, given]));
        const settings = new Settings(source(env));
        assert.deepEqual(settings.get(row), fallback);
        assert.deepEqual(settings.problems, []);
      }
    });

    it('accepts the default in the documents as its default', () => {
      for (const { name, fallback: written } of variablesOf(row)) {
        const [, given] = written.match(/^`(.*)`$/) ?? [];
        if (given !== undefined)
          assert.deepEqual(read(row, { [name]: given }), { value: fallback, problems: [] });
      }
    });

    for (const [given, meant] of Object.entries(good)) {
      it(`can be ${given.slice(0, 80)}`, () =>
        assert.deepEqual(read(row, { [first]: given }), { value: meant, problems: [] }));
    }

    for (const [given, what] of Object.entries(bad)) {
      it(`cannot be ${given.slice(0, 80)}`, () => {
        for (const name of variables) {
          assert.deepEqual(read(row, { [name]: given }).problems, messages(name, given, [what].flat()));
        }
      });
    }

    if (second !== undefined && !joined) {
      it(`is not checked as ${second} if ${first} is given`, () =>
        assert.deepEqual(read(row, { [first]: text, [second]: wrong }), { value, problems: [] }));
    }

    if (path === undefined) return;

    it(`is also the option ${path}, which defers to the environment if undefined`, () => {
      assert.deepEqual(read(row, {}, optionsOf(path, option)), { value, problems: [] });
      assert.deepEqual(read(row, { [first]: text }, optionsOf(path, undefined)), { value, problems: [] });
    });

    if (!joined) {
      it(`is not checked if ${path} is given`, () =>
        assert.deepEqual(read(row, { [first]: wrong }, optionsOf(path, option)), { value, problems: [] }));
    }

    for (const [given, ...whats] of badOptions) {
      it(`cannot be ${JSON.stringify(given)} from code`, () =>
        assert.deepEqual(
          read(row, {}, optionsOf(path, given)).problems,
          messages(`options.${path}`, given, whats),
        ));
    }

    it(`has no option ${path}s`, () => {
      const [message = '', ...others] = problems({}, optionsOf(`${path}s`, 's3cret'));
      const name = path.split('.').at(-1);
      assert.deepEqual(others, []);
      assert.ok(message.startsWith(`options.${path}s=`), message);
      assert.ok(message.includes(`: no such option, the closest is ${name}; accepted: `), message);
    });
  });
}

it('the table has each variable and each option once, and there are no other samples', () => {
  assert.equal(new Set(VARIABLES).size, VARIABLES.length);
  assert.equal(new Set(OPTIONS).size, OPTIONS.length);
  const firsts = ROWS.map(({ variables }) => variables[0]);
  assert.deepEqual(Object.keys(SAMPLES), firsts);
});
