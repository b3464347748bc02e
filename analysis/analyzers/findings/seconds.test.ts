import test from 'ava';
import { type SnapshotRunDescription, snapshotRun } from '../../../fixtures/records/snapshot-run.ts';
import type { Finding } from '../../../model/finding.ts';
import { analyze } from '../../analyze.ts';

function found(id: string, description: SnapshotRunDescription): Finding | undefined {
  const { record, readProfile } = snapshotRun(description);
  return analyze(record, { readProfile }).findings.find((one) => one.id === id);
}

/** Counts up by `perSecond(second)` in each second. */
const counter =
  (name: string, perSecond: (second: number) => number) =>
  (second: number): string[] => {
    let sum = 1;
    for (let passed = 0; passed < second; passed++) sum += perSecond(passed);
    return [`# TYPE ${name} counter`, `${name} ${sum.toFixed(4)}`];
  };

test('the first seconds slower than the rest at the same rate, with the CPU of the same seconds', (t) => {
  // The hold's seconds count from its own start: they are warm.
  const cold = {
    more: {
      stages: [
        {
          kind: 'warm-up' as const,
          rate: 100,
          seconds: 10,
          latencyMs: (_: unknown, second: number) => (second < 4 ? 18 : 3),
        },
        { rate: 100, seconds: 30, latencyMs: () => 3 },
      ],
    },
  };
  const metrics = counter('process_cpu_seconds_total', (second) => (second < 4 ? 0.9 : 0.2));
  const start = found('cold-start', { ...cold, holdSeconds: 30, metrics });
  t.like(start, { status: 'estimated', severity: 'warning', title: 'The first 4 s of load are slower than the rest' });
  t.true(Math.abs((start?.estimate?.estimate ?? 0) - 15) < 0.5, JSON.stringify(start?.estimate));
  t.like(
    found('cold-start', { ...cold, holdSeconds: 30 }),
    { status: 'inconclusive' },
    'the client may have been cold',
  );
  t.is(found('cold-start', { stage: { latencyMs: () => 3 }, metrics }), undefined);
  const growing = { latencyMs: (_: unknown, second: number) => 3 + second };
  t.is(found('cold-start', { stage: growing, metrics }), undefined, 'it becomes slower');
});

const stalling = (isStall: (second: number) => boolean): SnapshotRunDescription => {
  let request = 0;
  return {
    stage: { latencyMs: (_, second) => (isStall(second) && request++ % 3 === 0 ? 380 : 4) },
    metrics: counter('go_sync_mutex_wait_total_seconds_total', (second) => (isStall(second - 10) ? 5 : 0.001)),
  };
};

test('stalls at equal distances, with what counts in the same seconds', (t) => {
  const stall = found(
    'periodic-stall',
    stalling((second) => second % 5 === 2),
  );
  t.like(stall, { status: 'estimated', severity: 'warning', title: 'All answers stall every 5.0 s' });
  t.true(Math.abs((stall?.estimate?.estimate ?? 0) - 380) < 4, JSON.stringify(stall?.estimate));
  t.like(found('periodic-stall', { ...stalling((second) => second % 5 === 2), metrics: () => [] }), {
    status: 'inconclusive',
  });
});

test('stalls at odd distances, or only in a part of the stage, have no period', (t) => {
  const odd = new Set([3, 5, 17, 19, 40, 58]);
  t.is(
    found(
      'periodic-stall',
      stalling((second) => odd.has(second)),
    ),
    undefined,
  );
  t.is(
    found(
      'periodic-stall',
      stalling((second) => second < 16 && second % 5 === 2),
    ),
    undefined,
  );
  t.is(
    found(
      'periodic-stall',
      stalling(() => false),
    ),
    undefined,
  );
});
