import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { seededRandom } from '../../model/random.ts';
import type { RunMetricName } from '../../model/run-metrics.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { normalQuantile } from '../statistics/normal-quantile.ts';
import { type CompareRunsOptions, compareRuns } from './compare-runs.ts';
import type { RunSample, StageSample } from './run-sample.ts';
import { sampleOfRun } from './sample-of-run.ts';

const target = { cpuMsPerRequest: 0.4, allocBytesPerRequest: 2048, goroutines: 12, gcCpuShare: 0.03 };
const plain = sampleOfRun(
  buildRunRecord({ stages: [{ rate: 200, seconds: 21, latencyMs: (random) => 10 + random.next(), target }] }),
);

/** The plain run with its figures multiplied, or its stage changed otherwise. */
function run(
  id: string,
  factors: Partial<Record<RunMetricName, number>>,
  changes: Partial<StageSample> = {},
  of: Partial<RunSample> = {},
): RunSample {
  return {
    ...plain,
    id,
    ...of,
    stages: plain.stages.map((stage) => ({
      ...stage,
      figures: {
        ...stage.figures,
        p99: (stage.figures.p99 ?? 0) * (factors.p99 ?? 1),
        p50: (stage.figures.p50 ?? 0) * (factors.p50 ?? 1),
        'cpu-per-request': (stage.figures['cpu-per-request'] ?? 0) * (factors['cpu-per-request'] ?? 1),
      },
      ...changes,
    })),
  };
}

const arm = (name: string, factors: readonly number[], metric: RunMetricName = 'p99'): readonly RunSample[] =>
  factors.map((factor, at) => run(`${name}${at}`, { [metric]: factor }));

const options: CompareRunsOptions = { paired: false, metrics: ['p99'], stages: null };
const quiet = [0.99, 0.995, 1, 1.003, 1.008];
const slow = quiet.map((factor) => factor * 1.12);

test('a metric of a stage is worse, better or the same; the run is the unit', (t) => {
  const worse = compareRuns(arm('b', quiet), arm('c', slow), options);
  t.like(worse, { verdict: 'worse', runs: { base: ['b0', 'b1', 'b2', 'b3', 'b4'] } });
  t.like(worse.metrics, [
    { name: 'p99', unit: 'ms', direction: 'lower', verdict: 'worse', stage: { index: 0, name: 'stage 0', load: 200 } },
  ]);
  t.is(compareRuns(arm('b', slow), arm('c', quiet), options).verdict, 'better');
  t.is(compareRuns(arm('b', quiet), arm('c', quiet), options).verdict, 'same');
});

test('one run an arm decides nothing, however different', (t) => {
  const seen = compareRuns(arm('b', [1]), arm('c', [3]), { ...options, metrics: null });
  t.is(seen.verdict, 'inconclusive');
  t.true(seen.metrics.every(({ reasons }) => reasons.includes('too-few-runs')));
  t.regex(seen.warnings.find(({ code }) => code === 'insufficient-replication')?.message ?? '', /1 run of the base/);
});

test('pairs find what their nights hide', (t) => {
  const nights = [0.8, 0.9, 1, 1.1, 1.25, 1.4];
  const base = arm('b', nights);
  const candidate = arm(
    'c',
    nights.map((night, at) => night * (1.1 + at / 1_000)),
  );
  t.is(compareRuns(base, candidate, options).verdict, 'inconclusive');
  const paired = compareRuns(base, candidate, { ...options, paired: true });
  t.is(paired.verdict, 'worse');
  t.regex(paired.metrics[0]?.method ?? '', /paired, Student/);
  t.true(Math.abs((paired.metrics[0]?.ratio?.estimate ?? 0) - 1.1025) < 0.001);
  t.throws(() => compareRuns(base, candidate.slice(1), { ...options, paired: true }), { instanceOf: RangeError });
});

test('of a pair both take part or none', (t) => {
  const outcome = { status: 'failed', phase: 'load', reason: 'broken', hint: '' } as const;
  const base = arm('b', quiet).map((each, at) => (at === 1 ? { ...each, outcome } : each));
  const seen = compareRuns(base, arm('c', slow), { ...options, paired: true });
  t.deepEqual(seen.runs, { base: ['b0', 'b2', 'b3', 'b4'], candidate: ['c0', 'c2', 'c3', 'c4'] });
  t.like(seen.warnings, [{ code: 'run-left-out', message: 'b1 failed: broken' }]);
});

test('an invalid stage is left out, and its other arm stays', (t) => {
  const invalid = { validity: { status: 'invalid', reasons: ['generator-late'] } } as const;
  const base = [...arm('b', quiet), run('x', { p99: 50 }, invalid)];
  const seen = compareRuns(base, arm('c', slow), options);
  t.is(seen.metrics[0]?.base.runs, 5);
  t.true(seen.warnings.some(({ code, message }) => code === 'stage-left-out' && message.includes('x is invalid')));
  const all = compareRuns(
    base.map((each) => ({ ...each, stages: each.stages.map((stage) => ({ ...stage, ...invalid })) })),
    arm('c', slow),
    options,
  );
  t.is(all.verdict, 'inconclusive');
});

const behind = (name: string, rates: readonly number[]): readonly RunSample[] =>
  rates.map((rate, at) => {
    const figures = plain.stages[0]?.figures;
    if (figures === undefined) throw new Error('the plain run has a stage');
    const stage = { limited: true, completedPerSecond: rate, figures: { ...figures, p99: null, throughput: rate } };
    return run(`${name}${at}`, {}, stage);
  });

test('a stage that fell behind is compared by its throughput', (t) => {
  const kept = arm('b', [1, 1, 1, 1]).map((each) => ({
    ...each,
    stages: each.stages.map((stage) => ({ ...stage, completedPerSecond: 200 })),
  }));
  const seen = compareRuns(kept, behind('c', [150, 151, 149, 152]), { ...options, metrics: ['p99', 'throughput'] });
  t.deepEqual(
    seen.metrics.map(({ name, verdict }) => [name, verdict]),
    [['throughput', 'worse']],
  );
  t.true(seen.warnings.some(({ code }) => code === 'stage-limited'));
  t.deepEqual(seen.shift, []);
});

const failing = (name: string, hits: number, trials: number, runs = 5): readonly RunSample[] =>
  Array.from({ length: runs }, (_, at) => {
    const figures = plain.stages[0]?.figures;
    if (figures === undefined) throw new Error('the plain run has a stage');
    const stage = { errors: { hits: hits + at, trials }, figures: { ...figures, errors: (hits + at) / trials } };
    return run(`${name}${at}`, {}, stage);
  });

const withoutErrors = (trials: number) =>
  arm('b', quiet).map((each) => ({
    ...each,
    stages: each.stages.map((stage) => ({ ...stage, errors: { hits: 0, trials } })),
  }));

const served = (name: string, times: readonly number[], late: boolean): readonly RunSample[] =>
  times.map((time, at) =>
    run(`${name}${at}`, { p99: 1 + at / 1_000 }, { late, serviceTimeMs: { p50: 1, p90: 2, p99: time, 'p99.9': null } }),
  );

test('where the generator was late in any run service times are compared in all', (t) => {
  const seen = compareRuns(served('b', quiet, true), served('c', slow, false), options);
  t.like(seen.metrics, [{ name: 'p99', verdict: 'worse', timedFrom: 'first-byte' }]);
  t.regex(seen.warnings.find(({ code }) => code === 'generator-late')?.message ?? '', /of b0, b1, b2, b3, b4:/);
  t.like(compareRuns(served('b', quiet, false), served('c', slow, false), options).metrics, [
    { verdict: 'same', timedFrom: 'due-time' },
  ]);
});

test('errors are a difference of proportions, and none of few requests are not "none"', (t) => {
  const errors = { ...options, metrics: ['errors'] as const };
  const worse = compareRuns(failing('b', 0, 10_000), failing('c', 100, 10_000), errors).metrics[0];
  t.is(worse?.verdict, 'worse');
  t.is(worse?.ratio, null);
  t.true(Math.abs((worse?.difference?.estimate ?? 0) - 0.01) < 1e-9);
  t.is(worse?.practicalThreshold, 0.001);
  t.is(compareRuns(withoutErrors(100), withoutErrors(100), errors).metrics[0]?.verdict, 'inconclusive');
  t.is(compareRuns(withoutErrors(10_000), withoutErrors(10_000), errors).metrics[0]?.verdict, 'same');
});

const slowTail = (name: string, more: number): readonly RunSample[] =>
  Array.from({ length: 4 }, (_, at) =>
    run(
      `${name}${at}`,
      {},
      {
        quantilesMs: { response: [5, 6, 7, 8, 9, 10, 11 + more + at / 10, null], service: [] },
      },
    ),
  );

test('the shift says where in the distribution the change is', (t) => {
  const [shift] = compareRuns(slowTail('b', 0), slowTail('c', 4), { ...options, metrics: null }).shift;
  t.deepEqual(
    shift?.points.map(({ quantile, differenceMs }) => [quantile, Number(differenceMs.estimate.toFixed(3))]),
    [
      [0.1, 0],
      [0.25, 0],
      [0.5, 0],
      [0.75, 0],
      [0.9, 0],
      [0.95, 0],
      [0.99, 4],
    ],
  );
});

const withoutGcCpu = (each: RunSample): RunSample => ({
  ...each,
  stages: each.stages.map((stage) => ({ ...stage, figures: { ...stage.figures, 'gc-cpu': null } })),
});

test('what nobody measured is said, and what half of the runs have', (t) => {
  const metrics = ['gc-cpu'] as const;
  const nobody = compareRuns(arm('b', quiet).map(withoutGcCpu), arm('c', quiet).map(withoutGcCpu), {
    ...options,
    metrics,
  });
  t.deepEqual([nobody.metrics.length, nobody.verdict], [0, 'inconclusive']);
  t.like(nobody.warnings, [{ code: 'not-collected' }]);
  const half = compareRuns(arm('b', quiet).map(withoutGcCpu), arm('c', quiet), { ...options, metrics });
  t.is(half.verdict, 'inconclusive');
  t.true(half.warnings.some(({ code }) => code === 'values-missing'));
});

const madeAt = (runs: readonly RunSample[], minute: number, step: number): readonly RunSample[] =>
  runs.map((each, index) => ({ ...each, startedAt: epochMilliseconds((minute + index * step) * 60_000) }));

const codesOf = (base: readonly RunSample[], candidate: readonly RunSample[]) =>
  compareRuns(base, candidate, options).warnings.map(({ code }) => code);

test('arms that were made one after the other are warned of', (t) => {
  t.true(codesOf(madeAt(arm('b', quiet), 0, 1), madeAt(arm('c', quiet), 9, 1)).includes('arms-one-after-another'));
  t.false(codesOf(madeAt(arm('b', quiet), 0, 2), madeAt(arm('c', quiet), 1, 2)).includes('arms-one-after-another'));
});

const codesOfRuns = (runs: number) => {
  const factors = Array.from({ length: runs }, (_, at) => 1 + at / 100);
  return compareRuns(arm('b', factors), arm('c', factors), { ...options, metrics: null }).warnings.map(
    ({ code }) => code,
  );
};

test('so many metrics of so few runs that nothing could be found are warned of', (t) => {
  t.true(codesOfRuns(4).includes('too-many-metrics'));
  t.false(codesOfRuns(8).includes('too-many-metrics'));
});

test('equal arms are hardly ever called worse, over all metrics together', (t) => {
  const random = seededRandom(5);
  const noise = (): number => Math.exp(0.03 * normalQuantile(Math.max(random.next(), Number.EPSILON)));
  const drawn = (name: string): readonly RunSample[] =>
    Array.from({ length: 6 }, (_, at) =>
      run(`${name}${at}`, { p50: noise(), p99: noise(), 'cpu-per-request': noise() }),
    );
  const metrics = ['p50', 'p99', 'cpu-per-request'] as const;
  for (const paired of [false, true]) {
    const verdicts = Array.from(
      { length: 150 },
      () => compareRuns(drawn('b'), drawn('c'), { paired, metrics, stages: null }).verdict,
    );
    const wrong = verdicts.filter((verdict) => verdict === 'worse' || verdict === 'better').length;
    t.true(wrong <= 150 * 0.07, `${wrong} of 150`);
  }
});
