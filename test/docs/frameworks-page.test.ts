import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withFrameworks } from '../../scripts/frameworks-page/page.ts';
import { readResults } from '../../scripts/versions/results.ts';
import { frameworks } from '../frameworks/index.ts';
import { read } from './pages.ts';

const PAGE = 'docs/frameworks.md';

describe(PAGE, () => {
  it('has what the rows of test/frameworks promise: npm run docs writes it', () =>
    assert.deepEqual(
      read(PAGE).split('\n'),
      withFrameworks(read(PAGE), frameworks, readResults()).split('\n'),
    ));

  it('is not written without the lines around what is generated', () =>
    assert.throws(() => withFrameworks('# Frameworks\n', frameworks, {}), /frameworks\.md lacks the lines/));
});
