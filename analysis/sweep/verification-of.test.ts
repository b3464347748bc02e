import test from 'ava';
import { buildObservedStage, reading } from '../../fixtures/records/build-observed-stage.ts';
import type { Recommendation, SweepEstimate } from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';
import { verificationOf } from './verification-of.ts';

const between = (low: number, high: number): SweepEstimate => ({ ...reading((low + high) / 2), low, high });
const recommended: Recommendation = {
  settings: { GOGC: '180', GOMEMLIMIT: '230MiB' },
  predicted: {
    status: 'predicted',
    reason: '',
    basis: 'all-cells',
    regime: 'gogc',
    gcCpuShare: between(0.04, 0.06),
    gcCyclesPerSecond: null,
    liveHeapBytes: null,
    heapGoalBytes: null,
    rssPeakBytes: null,
  },
  doubts: [],
};

function verified(gcCpuShare: number | null, peak: number | null, wishes: Partial<SweepRun> = {}) {
  const observed = buildObservedStage({
    gcCpuShare: gcCpuShare === null ? null : reading(gcCpuShare),
    rssPeakBytes: peak === null ? null : reading(peak),
  });
  const run: SweepRun = {
    purpose: 'verification',
    settings: recommended.settings,
    repeat: 2,
    run: 'run-v',
    outcome: { status: 'completed', reason: '' },
    stages: [{ validity: { status: 'valid', reasons: [] }, observed }],
    collector: [],
    pool: null,
    environment: {},
    ...wishes,
  };
  return verificationOf([run], recommended, { environment: {}, memoryLimitBytes: 1000 });
}

test('a run within the predicted CPU share and below the container’s limit agrees', (t) => {
  t.like(verified(0.05, 900), { status: 'agrees', reason: '', run: 'run-v', belowMemoryLimit: true });
});

test('a run outside the interval, or beyond the limit, differs, and both are said', (t) => {
  t.like(verified(0.08, 900), { status: 'differs', belowMemoryLimit: true });
  t.like(verified(0.05, 1100), { status: 'differs', belowMemoryLimit: false });
  t.regex(verified(0.08, 1100)?.reason ?? '', /CPU share .* lies above its predicted interval; memory went beyond/);
  t.regex(verified(0.01, 900)?.reason ?? '', /lies below/);
});

test('what is not known decides nothing', (t) => {
  t.like(verified(null, 900), { status: 'inconclusive' });
  t.like(verified(0.05, null), { status: 'inconclusive', belowMemoryLimit: null });
  const died = verified(0.05, 900, { stages: [], outcome: { status: 'aborted', reason: 'killed' } });
  t.like(died, { status: 'inconclusive', reason: 'killed', observed: null });
});

test('a run at other settings, or of a cell, verifies nothing', (t) => {
  t.is(verified(0.05, 900, { purpose: 'cell' }), null);
  t.is(verified(0.05, 900, { settings: { GOGC: '100', GOMEMLIMIT: '230MiB' } }), null);
});
