import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { markdown } from '../../bench/report.ts';

describe('a report', () => {
  it('keeps a message of several lines in its cell', () => {
    const table = {
      title: 'Times',
      headers: ['variant', 'µs'],
      rows: [['nothing', 'not measured: Error: a | b\n\n  at once']],
    };
    const text = markdown({ name: 'times', tables: [table], targets: [], notes: [] });
    assert.match(text, /^\| nothing \| not measured: Error: a \\\| b at once \|$/m);
  });
});
