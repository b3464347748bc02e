import test from 'ava';
import { buildStairAnalysis } from '../../fixtures/records/build-analysis.ts';
import { golden } from '../../test/golden.ts';
import { composeRun } from '../compose/compose-run.ts';
import { toMarkdown } from './to-markdown.ts';

test('the whole report as Markdown', (t) => {
  const { analysis, plan } = buildStairAnalysis();
  const text = toMarkdown(composeRun(analysis, plan));
  t.is(text, golden('report-stair.md', text));
});

test('what the target said stays text', (t) => {
  const hostile = 'a|b\n# <img src=x onerror=1> [x](javascript:1) `c` @all';
  const text = toMarkdown({
    title: hostile,
    subtitle: '',
    blocks: [{ kind: 'table', caption: hostile, columns: [{ title: hostile, align: 'left' }], rows: [[hostile]] }],
  });
  t.false(text.includes('<img'));
  t.false(/[^\\]\|b/.test(text), 'a pipe would end the cell');
  t.notRegex(text, /[^\\]\]\(/, 'a bracket would make a link');
  t.is(text.split('\n').filter((line) => line.startsWith('# ')).length, 1);
});
