import test, { type ExecutionContext } from 'ava';
import reference from '../../../fixtures/reference/scalability-fits.json' with { type: 'json' };
import { relativeError } from '../../../fixtures/relative-error.ts';
import { seededRandom } from '../../../model/random.ts';
import { type UslFit, fitUsl } from './fit-usl.ts';
import { predictConcurrency, predictThroughput } from './predict-usl.ts';
import { describeDoubt } from './scalability-doubt.ts';
import type { OpenEstimate, ScalabilityPoint } from './scalability-point.ts';
import { uslThroughput } from './usl-curve.ts';

function pointsOf(concurrency: readonly number[], throughput: readonly number[]): readonly ScalabilityPoint[] {
  return concurrency.map((each, index) => ({ concurrency: each, throughput: throughput[index] ?? 0 }));
}

function caseNamed(name: string): readonly ScalabilityPoint[] {
  const found = reference.cases.find((each) => each.name === name);
  return found === undefined ? [] : pointsOf(found.concurrency, found.throughput);
}

function fitOf(t: ExecutionContext, points: readonly ScalabilityPoint[], normalized = false): UslFit | null {
  const fit = fitUsl(points, normalized);
  if (fit.status === 'fitted') return fit;
  t.fail(fit.reasons.map((doubt) => describeDoubt(doubt, 'row')).join('; '));
  return null;
}

interface Interval {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

function same(t: ExecutionContext, seen: OpenEstimate | undefined, expected: Interval, what: string): void {
  for (const key of ['estimate', 'low', 'high'] as const) {
    const [value, wanted] = [seen?.[key] ?? null, expected[key]];
    if (value === null || wanted === null) t.is(value, wanted, `${what}, ${key}`);
    else t.true(relativeError(value, wanted) < 1e-5, `${what}, ${key}: ${value} for ${wanted}`);
  }
}

for (const { name, normalized, concurrency, throughput, ...expected } of reference.cases) {
  test(`${name}${normalized ? ', normalized' : ''}: SciPy’s parameters, standard errors and profile intervals`, (t) => {
    const fit = fitOf(t, pointsOf(concurrency, throughput), normalized);
    if (fit === null) return;
    const parameters = [fit.gamma, fit.alpha, fit.beta];
    for (const [index, parameter] of parameters.entries()) {
      const wanted = expected.parameters[index] ?? 0;
      t.true(Math.abs(parameter.estimate - wanted) <= 1e-6 * wanted + 1e-12, `${parameter.estimate} for ${wanted}`);
      const error = expected.standardErrors[index] ?? null;
      if (error === null) t.is(parameter.standardError, null);
      else t.true(relativeError(parameter.standardError ?? 0, error) < 1e-5, `${parameter.standardError} for ${error}`);
    }
    t.true(relativeError(fit.sumOfSquares, expected.sumOfSquares) < 1e-8);
    t.true(relativeError(fit.residualStandardError, expected.residualStandardError) < 1e-8);
    t.is(fit.degreesOfFreedom, expected.degreesOfFreedom);
    t.true(fit.certificate.converged && fit.certificate.agreeing === fit.certificate.starts);
    const { intervals } = expected;
    if ('gamma' in intervals) same(t, fit.gamma, intervals.gamma, 'gamma');
    if ('alpha' in intervals) same(t, fit.alpha, intervals.alpha, 'alpha');
    if ('beta' in intervals) same(t, fit.beta, intervals.beta, 'beta');
    if ('peak concurrency' in intervals) same(t, fit.peak?.concurrency, intervals['peak concurrency'], 'peak N');
    if ('peak throughput' in intervals) same(t, fit.peak?.throughput, intervals['peak throughput'], 'peak X');
    for (const at of [2.5, 20] as const) {
      const wanted = intervals[`throughput at ${at}`];
      const seen = predictThroughput(fit.curve, at);
      if (wanted !== undefined && seen.status === 'predicted') same(t, seen.value, wanted, `X(${at})`);
    }
  });
}

for (const { source, name, digits, ...printed } of reference.published) {
  test(`${name}: as published (${source})`, (t) => {
    const fit = fitOf(t, caseNamed(name));
    if (fit === null) return;
    const to = 10 ** (1 - digits);
    for (const key of ['gamma', 'alpha', 'beta'] as const)
      if (printed[key] !== null) t.true(relativeError(fit[key].estimate, printed[key]) < to, key);
    const errors = [fit.gamma, fit.alpha, fit.beta].map(({ standardError }) => standardError ?? 0);
    for (const [index, error] of printed.standardErrors.entries())
      t.true(relativeError(errors[index] ?? 0, error) < 5e-3);
    const { peakConcurrency, asymptote } = printed;
    // The book rounds the peak to whole jobs.
    if (peakConcurrency !== null)
      t.true(Math.abs((fit.peak?.concurrency.estimate ?? 0) - peakConcurrency) < (digits < 6 ? 1 : 1e-3));
    if (asymptote !== null) t.true(relativeError(fit.asymptote?.estimate ?? 0, asymptote) < 1e-6);
  });
}

const curve = { gamma: 1000, alpha: 0.03, beta: 0.0004 };
const levels = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64];
const exact = pointsOf(
  levels,
  levels.map((each) => uslThroughput(curve, each)),
);

const typical = 8000;

/** With a scatter of that share of a typical throughput, alike at every concurrency. */
function noisy(seed: number, share: number): readonly ScalabilityPoint[] {
  const random = seededRandom(seed);
  return exact.map(({ concurrency, throughput }) => ({
    concurrency,
    throughput: throughput + share * typical * (random.next() + random.next() + random.next() - 1.5) * 2,
  }));
}

test('calculated points give their parameters back, said to be calculated', (t) => {
  const fit = fitOf(t, exact.toReversed());
  if (fit === null) return;
  t.true(relativeError(fit.gamma.estimate, 1000) < 1e-9);
  t.true(relativeError(fit.alpha.estimate, 0.03) < 1e-9);
  t.true(relativeError(fit.beta.estimate, 0.0004) < 1e-9);
  t.true(relativeError(fit.peak?.concurrency.estimate ?? 0, Math.sqrt(0.97 / 0.0004)) < 1e-9);
  t.deepEqual(
    fit.doubts.map(({ code }) => code),
    ['exact-fit'],
  );
});

test('the intervals of the peak hold the truth as often as they say', (t) => {
  const truth = Math.sqrt(0.97 / 0.0004);
  const seeds = 100;
  let held = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const fit = fitUsl(noisy(seed, 0.02));
    const peak = fit.status === 'fitted' ? (fit.peak?.concurrency ?? null) : null;
    if (peak !== null && (peak.low ?? 0) <= truth && truth <= (peak.high ?? Infinity)) held++;
  }
  t.log(`${held} of ${seeds}`);
  t.true(held / seeds > 0.9, `${held} of ${seeds}`);
});

test('the inverse is the rising branch, β and all; above the peak and out of range it is refused', (t) => {
  const fit = fitOf(t, noisy(1, 0.01));
  if (fit === null) return;
  for (const at of [0.5, 3, 20, 40]) {
    const there = predictThroughput(fit.curve, at);
    const back = predictConcurrency(fit.curve, there.status === 'predicted' ? there.value.estimate : 0);
    t.true(back.status === 'predicted' && relativeError(back.value.estimate, at) < 1e-9);
    t.is(back.status === 'predicted' && back.withinRange, at >= 1);
    if (back.status === 'predicted')
      t.true((back.value.low ?? at) < at && (back.value.high ?? Infinity) > at && (back.value.low ?? 0) > at / 2);
  }
  t.like(predictConcurrency(fit.curve, 1e6), { status: 'refused', reason: { code: 'inverse-above-peak' } });
  t.like(predictThroughput(fit.curve, 80), { status: 'predicted', withinRange: false });
  t.like(predictThroughput(fit.curve, 80.01), { status: 'refused', reason: { code: 'prediction-beyond-range' } });
  const rising = fitOf(t, noisy(1, 0.01).slice(0, 6));
  if (rising === null) return;
  t.like(predictConcurrency(rising.curve, uslThroughput(rising.curve, 21)), {
    status: 'refused',
    reason: { code: 'inverse-beyond-range' },
  });
  t.like(predictConcurrency(rising.curve, uslThroughput(rising.curve, 19)), {
    status: 'predicted',
    withinRange: false,
  });
});

test('a peak beyond the range, and none at all, are said instead of a number', (t) => {
  const far = fitOf(t, noisy(3, 0.01).slice(0, 7));
  t.is(far?.peak, null);
  t.true(far?.doubts.some((doubt) => doubt.code === 'peak-beyond-range' && doubt.addStageAt === 30));
  const none = fitOf(t, caseNamed('raytracer'));
  t.is(none?.peak, null);
  t.deepEqual(
    none?.doubts.map(({ code }) => code),
    ['at-bound', 'no-peak'],
  );
});

function refusal(points: readonly ScalabilityPoint[], normalized = false): readonly string[] {
  const fit = fitUsl(points, normalized);
  return fit.status === 'refused' ? fit.reasons.map(({ code }) => code) : [fit.status];
}

test('what can’t be told is refused, with the stage that would tell', (t) => {
  t.deepEqual(refusal([]), ['too-few-levels']);
  t.deepEqual(refusal(exact.slice(0, 2)), ['too-few-levels']);
  t.deepEqual(refusal([...exact.slice(0, 3), ...exact.slice(0, 3)]), ['too-few-levels']);
  t.deepEqual(refusal(exact.slice(1), true), ['no-single-user-row']);
  t.deepEqual(refusal([...exact, { concurrency: 0, throughput: 5 }]), ['not-positive']);
  t.deepEqual(refusal([...exact, { concurrency: 5, throughput: -1 }]), ['not-positive']);
  t.deepEqual(refusal([...exact, { concurrency: Number.NaN, throughput: 1 }]), ['not-positive']);
  t.deepEqual(refusal([...exact, { concurrency: 8, throughput: Infinity }]), ['not-positive']);
  const saturated = pointsOf([64, 96, 128, 192, 256, 384], [1003, 998, 1001, 997, 1004, 999]);
  t.deepEqual(refusal(saturated), ['throughput-constant']);
  const falling = pointsOf([200, 250, 300, 350, 400, 500], [520, 415, 352, 300, 260, 215]);
  t.deepEqual(refusal(falling), ['slope-not-identified']);
  const noise = pointsOf([1, 2, 4, 8, 16, 32], [500, 90, 700, 80, 650, 210]);
  t.deepEqual(refusal(noise), ['throughput-unrelated']);
  const fit = fitUsl(saturated);
  t.regex(
    fit.status === 'refused' ? fit.reasons.map((doubt) => describeDoubt(doubt, 'row')).join() : '',
    /add a stage at 16$/,
  );
});

test('what is strange is kept and said', (t) => {
  const strange = fitOf(t, [...noisy(2, 0.01), { concurrency: 0.5, throughput: 490 }, ...noisy(2, 0.01).slice(3, 4)]);
  t.deepEqual(strange?.doubts, [
    { code: 'concurrency-below-one', rows: [11] },
    { code: 'duplicate-rows', rows: [12] },
  ]);
  const few = fitOf(t, noisy(2, 0.01).slice(0, 5));
  t.true(few?.doubts.some(({ code }) => code === 'few-rows'));
  for (const doubt of [...(strange?.doubts ?? []), ...(few?.doubts ?? [])])
    t.true(describeDoubt(doubt, 'row').length > 20);
});
