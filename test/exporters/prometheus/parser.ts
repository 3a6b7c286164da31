/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const VALUE = /^(?:[+-]Inf|NaN|[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)$/;

/**
 * A strict reader of https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format: throws at
 * anything but families of one HELP line, one TYPE line and samples that belong to them, each series once, and
 * histograms whose buckets are cumulative and end with +Inf.
 */
export function parse(text: string): Map<string, ParsedFamily> {
  if (/\p{Surrogate}/u.test(text)) throw new Error('not valid UTF-8');
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, ParsedFamily>();
  const series = new Set<string>();
  const lines = text.split('\n').slice(0, -1);
  for (let i = 0; i < lines.length; ) {
    const [, name = '', help = ''] = /^# HELP ([^ ]+) (.*)$/s.exec(lines[i] ?? '') ?? fail('HELP', lines[i]);
    const [, typed, type = ''] =
      /^# TYPE ([^ ]+) (counter|gauge|histogram)$/.exec(lines[i + 1] ?? '') ?? fail('TYPE', lines[i + 1]);
    if (!NAME.test(name) || typed !== name || families.has(name)) fail('family', lines[i]);
    if (help.trim() === '') fail('help', lines[i]);
    const family: ParsedFamily = { type, help: unescaped(help), samples: [] };
    families.set(name, family);
    for (i += 2; i < lines.length && !(lines[i] ?? '').startsWith('# '); i++) {
      const sample = parseSample(lines[i] ?? '');
      const suffix = sample.name.slice(name.length);
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!sample.name.startsWith(name) || !suffixes.includes(suffix)) fail('sample of its family', lines[i]);
      const key = JSON.stringify([sample.name, ...[...sample.labels].sort()]);
      if (series.has(key)) fail('series once', lines[i]);
      series.add(key);
      family.samples.push(sample);
    }
    if (type === 'histogram') checkBuckets(name, family.samples);
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name = '', inner, value = ''] =
    /^([^{ ]+)(?:\{(.*)\})? ([^ ]+)$/s.exec(line) ?? fail('sample', line);
  if (!NAME.test(name) || !VALUE.test(value)) fail('sample', line);
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (inner !== undefined && LABEL.lastIndex < inner.length) {
    const [, label = '', text = '', end] = LABEL.exec(inner) ?? fail('label', line);
    if (labels.has(label) || (end === ',' && LABEL.lastIndex === inner.length)) fail('label', line);
    if (text === '') fail('value of a label', line);
    labels.set(label, unescaped(text));
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function checkBuckets(name: string, samples: readonly Sample[]): void {
  const byLabels = new Map<string, { le: number; count: number; total: number | undefined }>();
  for (const sample of samples) {
    const { le, ...others } = Object.fromEntries(sample.labels);
    const key = JSON.stringify(Object.entries(others).sort());
    const before = byLabels.get(key) ?? { le: Number.NEGATIVE_INFINITY, count: 0, total: undefined };
    if (sample.name === `${name}_bucket`) {
      const bound = Number((le ?? fail('le', key)).replace('Inf', 'Infinity'));
      const first = before.count === 0 && before.le === Number.NEGATIVE_INFINITY;
      if ((bound <= before.le && !first) || sample.value < before.count) fail('cumulative', key);
      byLabels.set(key, { le: bound, count: sample.value, total: undefined });
    } else if (sample.name === `${name}_count`) {
      byLabels.set(key, { ...before, total: sample.value });
    }
  }
  for (const [key, { le, count, total }] of byLabels) {
    if (le !== Number.POSITIVE_INFINITY || count !== total) fail('+Inf bucket', key);
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function fail(expected: string, line: string | undefined): never {
  throw new Error(`expected ${expected}: ${line}`);
}
