import test from 'ava';
import { buildStairAnalysis } from '../../fixtures/records/build-analysis.ts';
import type { StageAnalysis } from '../../analysis/analysis.ts';
import { failureText, nothingDoneText } from './failure-text.ts';

const [stage] = buildStairAnalysis().analysis.stages;
function failing(change: Partial<StageAnalysis>): StageAnalysis {
  if (stage === undefined) throw new Error('the stair has a stage');
  return { ...stage, done: 0, failures: {}, statuses: null, shed: 0, ...change };
}

test('the most frequent three kinds are named, the rest is counted', (t) => {
  const failures = { timeout: 3, 'unexpected-status': 397, dns: 1, tls: 1, 'connection-reset': 2 } as const;
  t.is(
    failureText([failing({ failures }), failing({ failures: { timeout: 1 } })]),
    '397 × unexpected status, 4 × timed out, 2 × connection reset, 2 in other ways',
  );
  t.is(failureText([failing({})]), '');
});

test('answers that were not as expected are no silence', (t) => {
  t.is(
    nothingDoneText([failing({ failures: { 'unexpected-status': 1397, timeout: 3 } })]),
    'no answer was as expected: 1,397 × unexpected status, 3 × timed out',
  );
  t.is(nothingDoneText([failing({ shed: 400 })]), 'no answer was as expected: 400 × 429 or 503');
});

test('where status codes are known, they are named instead', (t) => {
  const statuses = { '401': 390, '500': 7, '503': 20 };
  t.is(
    failureText([failing({ failures: { 'unexpected-status': 397, timeout: 3 }, statuses, shed: 20 })]),
    '390 × status 401, 7 × status 500, 3 × timed out',
  );
  t.is(
    nothingDoneText([failing({ failures: { 'unexpected-status': 397 }, statuses, shed: 20 })]),
    'no answer was as expected: 20 × status 503, 390 × status 401, 7 × status 500',
  );
});

test('silence is named by its most frequent kind', (t) => {
  t.is(
    nothingDoneText([failing({ failures: { 'connection-refused': 390, timeout: 10 } })]),
    'no request was answered: 390 × connection refused',
  );
  t.is(nothingDoneText([failing({})]), 'no request was answered, nothing can be judged');
  t.is(nothingDoneText([failing({ due: 0 })]), 'no request was sent, nothing can be judged');
});
