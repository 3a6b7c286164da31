import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chunksOf, placesOf } from '../../../scripts/build/chunks.ts';
import { loadedBy } from '../../../scripts/build/plugins.ts';

describe('the chunks', () => {
  it('are one for each module that is loaded, by its path', () => {
    const names = chunksOf(['views/fine', 'exporters/otlp/index']).map(({ name }) => name);
    assert.deepEqual(names.slice(-2), ['views-fine', 'exporters-otlp']);
  });

  it('are one for what is needed together', () => {
    const chunks = chunksOf(['session', 'exporters/prometheus/index', 'pipeline/compose']);
    assert.deepEqual(chunks[0], { name: 'session', doors: ['session'], isGroup: true });
    assert.deepEqual(
      chunks.filter(({ doors }) => doors.includes('pipeline/compose')).map(({ name }) => name),
      ['pipeline'],
    );
  });
});

describe('the place of a module', () => {
  const imports: Readonly<Record<string, readonly string[]>> = {
    session: ['log'],
    compose: ['log', 'sdk'],
    exposition: ['names', 'families', 'sdk'],
    statsd: ['names', 'sdk', 'packets'],
  };
  const chunk = (name: string, isGroup: boolean, ...doors: string[]) => ({ name, isGroup, doors });
  const places = placesOf(
    [
      chunk('session', true, 'session'),
      chunk('pipeline', true, 'compose'),
      chunk('exposition', true, 'exposition'),
      chunk('statsd', false, 'statsd'),
    ],
    (module) => imports[module] ?? [],
  );
  const rows: [module: string, place: string | undefined, why: string][] = [
    ['log', 'session', 'what several need is in the first that is shared'],
    ['sdk', 'pipeline', 'what several need is in the first that is shared'],
    ['families', 'exposition', 'only one needs it'],
    ['names', undefined, 'none of those that need it is shared'],
    ['packets', undefined, 'the bundler puts what one chunk needs into it'],
  ];
  for (const [module, place, why] of rows) {
    it(`is ${place ?? 'left to the bundler'} for ${module}: ${why}`, () =>
      assert.equal(places.get(module), place));
  }
});

describe('what a text names for load', () => {
  const isModule = (path: string): boolean => ['exporters/otlp/index', 'session'].includes(path);
  const rows: [text: string, named: string[]][] = [
    [`load<typeof import('./session.ts')>('./session').session()`, ['session']],
    [`const LIBRARIES = { json: './exporters/otlp/index' };`, ['exporters/otlp/index']],
    [`import { session } from './session.ts';`, []],
    [`readFile('./elsewhere')`, []],
  ];
  for (const [text, named] of rows) {
    it(`is ${named.join() || 'nothing'} in ${text}`, () => assert.deepEqual(loadedBy(text, isModule), named));
  }
});
