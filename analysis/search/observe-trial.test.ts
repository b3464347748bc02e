import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Objective } from '../../model/objective.ts';
import { milliseconds, percent, ratio } from '../../model/units.ts';
import { type TrialObservation, observeTrial, shareOf } from './observe-trial.ts';
import { type ShareObjective, shareObjective } from './search-objectives.ts';

const p99: Objective = {
  kind: 'latency-quantile',
  endpoint: null,
  comparison: '<',
  quantile: 0.99,
  limitMs: milliseconds(50),
};
const errors: Objective = { kind: 'errors', endpoint: null, comparison: '<', limit: percent(1) };

const shares = (list: readonly Objective[]): ShareObjective[] => list.flatMap((one) => shareObjective(one) ?? []);

function observed(
  stage: Partial<StageDescription>,
  objectives: readonly Objective[] = [p99],
  purpose: 'overload' | 'certify' = 'certify',
): TrialObservation {
  const record = buildRunRecord({
    stages: [
      { rate: 100, seconds: 3, kind: 'warm-up' },
      { rate: 200, seconds: 30, latencyMs: () => 10, ...stage },
    ],
    objectives,
  });
  return observeTrial(record, shares(objectives), purpose);
}

test('requests that were late, failed, shed or dropped violate a latency objective; the settling second is left out', (t) => {
  const quick = observed({});
  t.true(quick.valid);
  t.deepEqual(quick.shares, [[1, 2, 3, 4].map((_, index) => ({ hits: 0, trials: index === 3 ? 1600 : 1400 }))]);
  t.true(Math.abs(quick.completedRate - 200) < 5, `${quick.completedRate}`);
  const mixed = observed({ shed: 0.1, failures: { 'connection-reset': 0.05 }, dropped: 0.05 }, [p99, errors]);
  t.is(Number(shareOf(mixed.shares[0] ?? []).toFixed(3)), 0.2);
  t.is(Number(shareOf(mixed.shares[1] ?? []).toFixed(3)), 0.1, 'shed is no error');
  const half = observed({ latencyMs: (_, second) => (second % 2 === 0 ? 10 : 80) });
  t.true(Math.abs(shareOf(half.shares[0] ?? []) - 0.5) < 0.05);
});

test('a violation that a late generator may explain tells nothing of the target', (t) => {
  const late = { latenessMs: () => 30 };
  t.like(observed({ ...late, latencyMs: () => 40 }), { valid: true }, 'what holds nevertheless, holds');
  const doubtful = observed({ ...late, latencyMs: () => 60 });
  t.false(doubtful.valid);
  t.true(doubtful.reasons.includes('generator-late'));
  t.true(observed({ ...late, latencyMs: () => 500 }).valid, 'so late was the generator not');
  t.true(observed({ latencyMs: () => 60 }).valid, 'a punctual one is believed');
});

test('few late answers do not make an overload, whoever was late', (t) => {
  const some = { latenessMs: () => 30, latencyMs: (_: unknown, second: number) => (second % 5 === 0 ? 60 : 10) };
  t.false(observed(some).valid);
  t.true(observed(some, [p99], 'overload').valid);
  t.false(observed({ ...some, latencyMs: () => 60 }, [p99], 'overload').valid);
});

test('a trial that was cut short is not counted', (t) => {
  const record = buildRunRecord({
    stages: [{ rate: 200, seconds: 30 }],
    objectives: [p99],
    endedAfterSeconds: 10,
    outcome: { status: 'aborted', phase: 'load', code: 'generator-late', reason: 'late' },
  });
  t.false(observeTrial(record, shares([p99]), 'certify').valid);
  const without = buildRunRecord({ stages: [{ rate: 200, seconds: 30 }], withoutTraffic: true });
  t.like(observeTrial(without, shares([p99]), 'certify'), { valid: false, reasons: ['no-traffic'], shares: [[]] });
});

test('a trial without a request for the endpoint of an objective says nothing of it', (t) => {
  const elsewhere = observed({}, [p99, { ...p99, endpoint: 'seldom' }]);
  t.like(elsewhere, { valid: false, reasons: ['no-traffic'] });
});

test('only objectives about shares of requests can be searched', (t) => {
  t.like(shareObjective(p99), { text: 'p99<50ms' });
  t.true(Math.abs((shareObjective(p99)?.limit ?? 0) - 0.01) < 1e-12);
  const within: Objective = {
    kind: 'within',
    endpoint: 'orders',
    comparison: '>=',
    durationMs: milliseconds(100),
    limit: ratio(0.95),
  };
  t.true(Math.abs((shareObjective(within)?.limit ?? 0) - 0.05) < 1e-12);
  t.is(shareObjective({ kind: 'goroutines', endpoint: null, comparison: '<', limit: 10 }), null);
});
