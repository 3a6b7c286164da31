import { unitWord } from '../../../metric-data/names.ts';
import { type Family, sampleNames } from '../families.ts';
import type { Format } from './format.ts';
import { escapeValue } from './label-text.ts';
import { quotedName, type TextDialect, writeText } from './lines.ts';
import { goFloat } from './numbers.ts';
import type { Merged } from './series.ts';

/**
 * OpenMetrics 1.0.0, which may have names in UTF-8. The time at which a series began is not written, since as
 * `_created` it would be a further series.
 *
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
export const openMetrics100: Format = {
  mediaType: 'application/openmetrics-text',
  parameters: { version: '1.0.0' },
  isText: true,
  namesEscaping: true,
  write: (exposition, log) => writeText(exposition, log, dialectOf(exposition.families)),
};

export const openMetrics001: Format = {
  ...openMetrics100,
  parameters: { version: '0.0.1' },
  namesEscaping: false,
};

const TOTAL = '_total';

/**
 * OpenMetrics gives a family more names than that of its samples, and two families must not share any: the counter
 * `orders_total` is of the family `orders`, as is the gauge `orders`. Of such families, counters and histograms are
 * written as unknown ones. So are those with values that it forbids: negative counters, and histograms whose sum can
 * be negative.
 */
function dialectOf(families: readonly Family[]): TextDialect {
  const taken = new Set(families.filter(({ type }) => type === 'gauge').map(({ name }) => name));
  const hasTarget = !taken.has('target');
  for (const name of ['target_info', ...(hasTarget ? ['target'] : [])]) taken.add(name);
  return {
    isWritable(family, series) {
      if (family.type === 'gauge') return true;
      const names = namesOf(family);
      const isWritable = !names.some((name) => taken.has(name)) && hasValidValues(series, family);
      for (const name of isWritable ? names : sampleNames(family)) taken.add(name);
      return isWritable;
    },
    head(family) {
      const name = quotedName(withoutTotal(family));
      const unit = unitOf(family);
      return (
        `# HELP ${name} ${escapeValue(family.help)}\n# TYPE ${name} ${family.type}\n` +
        (unit === undefined ? '' : `# UNIT ${name} ${unit}\n`)
      );
    },
    unknownHead: (name, { help }) =>
      `# HELP ${quotedName(name)} ${escapeValue(help)}\n# TYPE ${quotedName(name)} unknown\n`,
    target: hasTarget
      ? '# HELP target Target metadata\n# TYPE target info\n'
      : '# HELP target_info Target metadata\n# TYPE target_info gauge\n',
    bound: openMetricsFloat,
    end: '# EOF\n',
  };
}

type Named = Pick<Family, 'name' | 'type'>;

/** A counter's samples end with `_total`, but its family does not. */
function withoutTotal({ name, type }: Named): string {
  return type === 'counter' && /._total$/s.test(name) ? name.slice(0, -TOTAL.length) : name;
}

function namesOf(family: Named): string[] {
  const name = withoutTotal(family);
  switch (family.type) {
    case 'gauge':
      return [name];
    case 'counter':
      return [name, name + TOTAL, `${name}_created`];
    case 'histogram':
      return [name, ...sampleNames(family), `${name}_created`];
  }
}

function hasValidValues({ numbers, histograms }: Merged, { name, type }: Named): boolean {
  if (type === 'counter') return /._total$/s.test(name) && numbers.every(({ value }) => value >= 0);
  return histograms.every(
    ({ value: { sum, buckets } }) => sum !== undefined && sum >= 0 && (buckets.boundaries[0] ?? 0) >= 0,
  );
}

/** The family's name must end with its unit. */
function unitOf(family: Family): string | undefined {
  const [part] = [...family.numbers, ...family.histograms];
  const unit = unitWord(part?.descriptor.unit ?? '') || 'ratio';
  return withoutTotal(family).endsWith(`_${unit}`) ? unit : undefined;
}

/** A bound's canonical text always shows that it is a float: `1.0`, `1e+06`. */
function openMetricsFloat(bound: number): string {
  const text = goFloat(bound);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}
