import type { GaugeAggregation } from '../../../src/config/types.ts';
import { ATTRIBUTES as HTTP_ATTRIBUTES } from '../../../src/instruments/http/attributes.ts';
import { labelName } from '../../../src/metric-data/labels.ts';
import { ownMetrics } from '../../docs/metrics.ts';
import { each, integer, NOT_AN_OBJECT, type Samples } from './sample.ts';

const buckets = (...rules: readonly [string, ...number[]][]) =>
  rules.map(([instrument, ...boundaries]) => ({ instrument, boundaries }));
const gauges = (...rules: readonly [string, GaugeAggregation][]) =>
  rules.map(([instrument, aggregation]) => ({ instrument, aggregation }));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** The attributes of our own metrics, and those that tell the gauges of a group's processes apart. */
export const OWN_ATTRIBUTES: readonly string[] = [
  ...new Set([
    ...HTTP_ATTRIBUTES.map(({ name }) => name),
    ...ownMetrics().flatMap(({ attributes }) => attributes),
    'process.pid',
    'thread.id',
  ]),
].filter((name) => name !== 'tags');

/** Labels called as an attribute of ours, in whatever case and spelling. */
const OWN_NAMES = Object.assign(
  {},
  ...OWN_ATTRIBUTES.map((name) => {
    const spellings = [name, labelName(name), name.toUpperCase(), name.replaceAll('.', '.__')];
    const what = name.startsWith('otel.')
      ? 'has a name that OpenTelemetry reserves'
      : `has the name of the attribute ${name}`;
    return each(
      spellings.map((key) => `${key}=x`),
      (text) => `"${text}" ${what}`,
    );
  }),
);

export const SERIES: Samples = {
  ROUTEMETER_BUCKETS: {
    good: {
      'http.server.*=0.01,0.1;db.query=5': buckets(['http.server.*', 0.01, 0.1], ['db.query', 5]),
      '0.01, .1,1e0': buckets(['*', 0.01, 0.1, 1]),
      '*=-1,0,1': buckets(['*', -1, 0, 1]),
      'db.query=5;1,2;': buckets(['db.query', 5], ['*', 1, 2]),
      [upTo(200).join()]: buckets(['*', ...upTo(200)]),
    },
    option: { 'http.server.*': [0.01, 0.1], 'db.query': [5] },
    bad: {
      '0.1,,1': 'the list for all durations has "", which is not a finite number',
      '1;2': 'the list for all durations is given twice',
      '1,1e999': 'the list for all durations has Infinity, which is not a finite number',
      [upTo(201).join()]: 'the list for all durations has more than 200 boundaries',
      'a=1,1;a b=1;c=': [
        '"a" does not increase: 1 follows 1',
        '"a b" is not the name of an instrument',
        '"c" has no boundaries',
      ],
    },
    accepted: 'increasing numbers such as 0.1,0.5,1, or name=0.01,0.1 with ; between several',
    badOptions: [
      [[1, '2'], 'the list for all durations has "2", which is not a finite number'],
      [{ a: [] }, '"a" has no boundaries'],
    ],
  },
  ROUTEMETER_GAUGES: {
    good: {
      'z.length=max, config.* = Newest,*=SUM,': gauges(
        ['z.length', 'max'],
        ['config.*', 'newest'],
        ['*', 'sum'],
      ),
      'a/b-c_d.1=min,h=process': gauges(['a/b-c_d.1', 'min'], ['h', 'process']),
    },
    option: { 'z.length': 'max', 'config.*': 'newest', '*': 'sum' },
    bad: {
      'max,=max,1a=max,a b=max,a=,b=average,c=max=min': [
        '"max" has no =',
        '"=max" has an invalid name',
        '"1a=max" has an invalid name',
        '"a b=max" has an invalid name',
        '"a=" has no aggregation',
        '"b=average" has an unknown aggregation',
        '"c=max=min" has an unknown aggregation',
      ],
      'a=max,*=sum,a=min,*=sum': ['"a=min" is given twice', '"*=sum" is given twice'],
    },
    accepted:
      'name=aggregation,name2=aggregation2, * in names for any text, aggregations sum, max, min, newest, process',
    badOptions: [
      [['a=max'], NOT_AN_OBJECT],
      [
        { a: 1, '': 'max', b: 'mean' },
        ...['"a" is not a string', '"" has an invalid name', '"b" has an unknown aggregation'],
      ],
    ],
  },
  ROUTEMETER_ATTRIBUTES: {
    good: {
      '-*,+server.address, -url.*': [
        { attribute: '*', keep: false },
        { attribute: 'server.address', keep: true },
        { attribute: 'url.*', keep: false },
      ],
    },
    option: ['-*', '+server.address', '-url.*'],
    bad: { 'url.scheme,-': ['"url.scheme" starts with neither + nor -', '"-" names no attribute'] },
    accepted: '+name to keep and -name to drop, * for any text',
  },
  ROUTEMETER_CARDINALITY_LIMIT: integer(10, 1_000_000),
  ROUTEMETER_SERIES_TTL: integer(1, 2 ** 31 - 1),
  ROUTEMETER_LABELS: {
    good: { 'environment=dev, k8s.pod_name=a=b%20': { environment: 'dev', 'k8s.pod_name': 'a=b%20' } },
    option: { environment: 'dev', 'k8s.pod_name': 'a=b%20' },
    bad: {
      'dev,=x,9a=1': ['"dev" has no =', '"=x" has an invalid name', '"9a=1" has an invalid name'],
      'a=1,a=2,b=': ['"a=2" is given twice', '"b=" has no value'],
      ...each(['le=1', '__x=1', 'quantile=1'], (text) => `"${text}" has a name that Prometheus reserves`),
      ...each(
        ['otel.metric.overflow=true', 'otel_scope_name=x'],
        (text) => `"${text}" has a name that OpenTelemetry reserves`,
      ),
      ...OWN_NAMES,
      'a.b=1,a_b=2,a..b=3,c=4': ['"a_b=2" is the same label as "a.b"', '"a..b=3" is the same label as "a.b"'],
    },
    accepted: 'name=value,name2=value2, names of letters, digits, _ and .',
    badOptions: [
      [['a'], NOT_AN_OBJECT],
      [{ '': 'x' }, '"" has an invalid name'],
      [
        { 'http.route': 'x', 'a.b': '1', a_b: '2' },
        '"http.route" has the name of the attribute http.route',
        '"a_b" is the same label as "a.b"',
      ],
    ],
  },
  ROUTEMETER_TAGS: {
    good: {
      'plan=free, pro ;app.region=eu;': [
        { key: 'plan', values: ['free', 'pro'] },
        { key: 'app.region', values: ['eu'] },
      ],
      'plan@X-Plan=free,pro; region @ request:x-region = eu;cache@response:X-Cache=HIT,MISS;tier=a': [
        { key: 'plan', values: ['free', 'pro'], header: { of: 'request', name: 'x-plan' } },
        { key: 'region', values: ['eu'], header: { of: 'request', name: 'x-region' } },
        { key: 'cache', values: ['HIT', 'MISS'], header: { of: 'response', name: 'x-cache' } },
        { key: 'tier', values: ['a'] },
      ],
      'plan@request=free': [{ key: 'plan', values: ['free'], header: { of: 'request', name: 'request' } }],
    },
    option: { plan: ['free', 'pro'], 'app.region': ['eu'] },
    bad: {
      'a@=x;b@x y=x;c@:path=x;d@cookie:x=x;e@response:=x;f@x@y=x': [
        ...['a@', 'b@x y', 'c@:path', 'd@cookie:x', 'e@response:', 'f@x@y'].map(
          (text) => `"${text}" names no header, such as x-plan or response:x-plan`,
        ),
      ],
      '@x=y;a@x;b@x=c,c;d@x=y;d@response:x=y;http.route@x=y': [
        '"@x" has an invalid name',
        '"a@x" has no values, or an empty one',
        '"b@x" has the same value twice',
        '"d@response:x" is given twice',
        '"http.route@x" has the name of the attribute http.route',
      ],
      'a;b=;1c=x;d=x,x;e=x;e=y;http_route=x;e.f=x;e_f=x;le=1': [
        '"a" has no values, or an empty one',
        '"b" has no values, or an empty one',
        '"1c" has an invalid name',
        '"d" has the same value twice',
        '"e" is given twice',
        '"http_route" has the name of the attribute http.route',
        '"e_f" is the same label as "e.f"',
        '"le" has a name that Prometheus reserves',
      ],
    },
    accepted:
      'name=value,value2 or name@header=value,value2 with ; between several, names of letters, digits, _ and .',
    badOptions: [
      ['plan=free', "not an object; accepted: an object of arrays such as { plan: ['free', 'pro'] }"],
      [
        { plan: 'free', b: [1], c: [''] },
        ...['plan', 'b', 'c'].map((key) => `"${key}" has no values, or an empty one`),
      ],
    ],
  },
};
