import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { milliseconds, percent } from '../../model/units.ts';
import type { Analysis, Scorecard } from '../analysis.ts';
import { analyze } from '../analyze.ts';

function analysisOf(stage: Partial<StageDescription>, durationMs = 100): Analysis {
  return analyze(
    buildRunRecord({
      objectives: [
        { endpoint: null, kind: 'within', durationMs: milliseconds(durationMs), limit: percent(95), comparison: '>=' },
      ],
      stages: [{ rate: 200, seconds: 8, latencyMs: (random) => (random.next() < 0.02 ? 150 : 20), ...stage }],
    }),
  );
}

const requestDuration = { '0.05': 0.9, '0.1': 0.98, '0.5': 1 };
const lateRows = ({ detail }: Analysis): Scorecard['rows'] =>
  (detail.scorecards[0]?.rows ?? []).filter(({ name }) => name.startsWith('late by'));

test('a histogram of the target with a bucket that ends at the duration is a second witness', (t) => {
  const analysis = analysisOf({ target: { requestDuration } });
  const [client, server] = lateRows(analysis);
  t.true(Math.abs((client?.value ?? 0) - 0.02) < 0.01);
  t.true(Math.abs((server?.value ?? 0) - 0.02) < 0.001);
  t.is(server?.status, 'ok');
  t.false(analysis.warnings.some(({ code }) => code === 'server-differs'));
});

test('where the two differ it is said', (t) => {
  const analysis = analysisOf({ target: { requestDuration }, latencyMs: (random) => (random.next() < 0.3 ? 150 : 20) });
  t.true(analysis.warnings.some(({ code, stage }) => code === 'server-differs' && stage === 0));
});

test('no bucket at the duration, or no histogram that grows with the requests: no witness', (t) => {
  t.deepEqual(lateRows(analysisOf({ target: { requestDuration } }, 80)), []);
  t.deepEqual(lateRows(analysisOf({})), []);
  // A tenth of what the client did failed at the server without an entry in its histogram.
  t.deepEqual(lateRows(analysisOf({ target: { requestDuration }, failures: { 'unexpected-status': 0.1 } })), []);
});
