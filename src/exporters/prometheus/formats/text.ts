import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import type { Labels } from '../../../metric-data/labels.ts';
import { scopeKey } from '../../../metric-data/scope.ts';
import type { Exposition } from '../exposition.ts';
import { type Family, type Part, warnLeftOut } from '../families.ts';
import type { Format } from './format.ts';
import { createLabelText, escapeHelp, type LabelText, labelText } from './label-text.ts';
import { goFloat, valueText } from './numbers.ts';
import { addHistograms, addNumbers, mergeSeries, type Series } from './series.ts';

/**
 * The Prometheus text format 0.0.4, in slices of about {@link LINES_PER_SLICE} lines:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const textFormat: Format = { contentType: 'text/plain; version=0.0.4; charset=utf-8', write };

const LINES_PER_SLICE = 500;
const sources = new WeakMap<Labels, LabelSources>();

function* write(
  { resource, families, labels, scopeLabels }: Exposition,
  log: Parameters<Format['write']>[1],
): Generator<string, void, undefined> {
  const labelsFor = sources.get(labels) ?? createLabelSources(labels);
  sources.set(labels, labelsFor);
  let text = targetInfo(resource, labels);
  let lines = 3;
  for (const family of families) {
    for (const part of family.exponentialHistograms) {
      warnLeftOut(log, part, 'its text format has no exponential histograms');
    }
    if (family.numbers.length === 0 && family.histograms.length === 0) continue;
    const ambiguous = () =>
      log.once(
        `prometheus.twins:${family.name}`,
        'warn',
        `${family.name}: several series have the same labels once written for Prometheus; the first is served`,
      );
    const scoped = scopeLabels || severalScopes(family);
    const textOf = (part: Part<unknown>) => labelsFor(scoped ? part.scope : undefined, family.type);
    const numbers = yield* mergeSeries(family.numbers, textOf, addNumbers, ambiguous);
    const histograms = yield* mergeSeries(family.histograms, textOf, addHistograms, ambiguous);
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`;
    lines += 2;
    for (const each of numbers) {
      text += sample(family.name, each.labels, each.value);
      lines += 1;
      if (lines >= LINES_PER_SLICE) {
        yield text;
        text = '';
        lines = 0;
      }
    }
    for (const each of histograms) {
      text += histogram(family.name, each);
      lines += each.value.buckets.counts.length + 2;
      if (lines >= LINES_PER_SLICE) {
        yield text;
        text = '';
        lines = 0;
      }
    }
  }
  yield text;
}

type LabelSources = (scope: InstrumentationScope | undefined, type: Family['type']) => LabelText;

/** Remembers label texts for each way in which a family writes its series. */
function createLabelSources(defaults: Labels): LabelSources {
  const sources = new Map<string, LabelText>();
  return (scope, type) => {
    const reserved = type === 'histogram' ? { reserved: 'le' } : {};
    const key = `${scope === undefined ? '' : scopeKey(scope)} ${reserved.reserved ?? ''}`;
    let source = sources.get(key);
    if (source === undefined) {
      source = createLabelText({ defaults, extra: scopeAttributes(scope), ...reserved });
      sources.set(key, source);
    }
    return source;
  };
}

function scopeAttributes(scope: InstrumentationScope | undefined): (readonly [string, string])[] {
  if (scope === undefined) return [];
  return [
    ['otel_scope_name', scope.name],
    ['otel_scope_version', scope.version ?? ''],
    ['otel_scope_schema_url', scope.schemaUrl ?? ''],
  ];
}

function severalScopes({ numbers, histograms }: Family): boolean {
  const [first, ...others] = [...numbers, ...histograms].map((part) => scopeKey(part.scope));
  return others.some((other) => other !== first);
}

/**
 * Writes the resource, unless it is empty:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
 */
function targetInfo(resource: Attributes, defaults: Labels): string {
  const labels = labelText(resource, { defaults });
  if (labels === '') return '';
  return `# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info{${labels}} 1\n`;
}

function sample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${valueText(value)}\n` : `${name}{${labels}} ${valueText(value)}\n`;
}

function histogram(name: string, { labels, value }: Series<Histogram>): string {
  const { boundaries, counts } = value.buckets;
  const texts = boundaryTexts(boundaries);
  const start = labels === '' ? `${name}_bucket{` : `${name}_bucket{${labels},`;
  const next = `\n${start}`;
  let text = start;
  let cumulative = 0;
  for (let i = 0; i < texts.length; i++) {
    cumulative += counts[i] ?? 0;
    const bound = texts[i];
    if (bound !== undefined) text += bound + cumulative + next;
  }
  text += `le="+Inf"} ${value.count}\n`;
  if (value.sum !== undefined) text += sample(`${name}_sum`, labels, value.sum);
  return text + sample(`${name}_count`, labels, value.count);
}

const known = new WeakMap<readonly number[], readonly (string | undefined)[]>();

/** The text between a bucket's labels and its count; undefined for a bound that is +Inf or given twice. */
function boundaryTexts(boundaries: readonly number[]): readonly (string | undefined)[] {
  let texts = known.get(boundaries);
  if (texts === undefined) {
    texts = boundaries.map((bound, i) =>
      bound === boundaries[i + 1] || bound === Number.POSITIVE_INFINITY
        ? undefined
        : `le="${goFloat(bound)}"} `,
    );
    known.set(boundaries, texts);
  }
  return texts;
}
