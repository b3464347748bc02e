import test from 'ava';
import { buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { milliseconds, perSecond, percent } from '../model/units.ts';
import type { LoadView } from '../runners/load-watch.ts';
import { progressText } from './status-line.ts';

const { plan } = buildRunRecord({ stages: [{ rate: 100, seconds: 60 }] });

function said(view: Partial<LoadView>): string {
  return progressText(plan, {
    second: 9,
    stage: 0,
    offeredPerSecond: perSecond(100),
    achievedPerSecond: perSecond(0),
    p50Ms: null,
    p99Ms: null,
    errorRatio: percent(100),
    answers: 0,
    unexpectedStatus: null,
    latenessMs: null,
    ...view,
  });
}

test('silence, answers that are not as expected, and good answers read differently', (t) => {
  t.regex(said({}), / · no answers yet · errors 100% · 50 s left$/);
  t.regex(
    said({ answers: 500, unexpectedStatus: { status: '401', share: percent(98) } }),
    / · no good answers yet · errors 100% \(98.0% of answers 401\) · /,
  );
  t.regex(said({ answers: 500 }), / · no good answers yet · errors 100% · /);
  t.regex(
    said({ answers: 500, p50Ms: milliseconds(2), p99Ms: milliseconds(9), errorRatio: percent(0) }),
    / · p50 2.00 ms p99 9.00 ms · errors 0%/,
  );
});
