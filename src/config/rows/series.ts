import { bucketRules } from '../checks/boundaries.ts';
import { labels } from '../checks/labels.ts';
import { attributeRules } from '../checks/lists.ts';
import { gaugeRules } from '../checks/pairs.ts';
import { tags } from '../checks/tags.ts';
import { integer } from '../checks/values.ts';
import type { Row, Rows } from '../settings.ts';

const LABELS = {
  variables: ['ROUTEMETER_LABELS'],
  option: 'labels',
  check: labels,
  fallback: {},
  joined: true,
  meaning: '`environment=dev,team=x`: dimensions of every series',
  details: ', [see below](#labels)',
  readme: true,
} as const satisfies Row;

/** What series there are, and what they look like. */
export const SERIES = {
  buckets: {
    variables: ['ROUTEMETER_BUCKETS'],
    option: 'buckets',
    check: bucketRules,
    fallback: [],
    default: "the semantic conventions'",
    meaning: '`0.01,0.1,0.5,1`: histogram boundaries in seconds; per instrument as well',
    details: ', [see below](#boundaries)',
    readme: true,
  },
  gauges: {
    variables: ['ROUTEMETER_GAUGES'],
    option: 'gauges',
    check: gaugeRules,
    fallback: [],
    default: '[see below](#gauges-of-many-processes)',
    meaning: '`queue.length=max,config.*=newest`: how gauges aggregate over the processes of a group',
  },
  attributes: {
    variables: ['ROUTEMETER_ATTRIBUTES'],
    option: 'attributes',
    check: attributeRules,
    fallback: [],
    default: 'the required ones',
    meaning: '`+server.address,-url.scheme`: attributes to keep or drop',
    details: ', `*` for any text; the last match decides',
    readme: true,
  },
  cardinalityLimit: {
    variables: ['ROUTEMETER_CARDINALITY_LIMIT'],
    option: 'cardinalityLimit',
    check: integer(10, 1_000_000),
    fallback: 2000,
    meaning: 'Series per instrument for the life of the process',
    details: ', 10 to 1000000',
    readme: true,
  },
  labels: LABELS,
  tags: {
    variables: ['ROUTEMETER_TAGS'],
    option: 'tags',
    check: (given, settings) => tags(given, Object.keys(settings.get(LABELS))),
    fallback: [],
    meaning:
      '`plan=free,pro;region=eu,us`: keys that `tag` may set on a request, with the values they may have',
    details: ', [see below](#tags)',
    readme: true,
  },
} as const satisfies Rows;
