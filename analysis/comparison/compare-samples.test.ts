import test from 'ava';
import * as fc from 'fast-check';
import { seededRandom } from '../../model/random.ts';
import { normalQuantile } from '../statistics/normal-quantile.ts';
import { compareSamples } from './compare-samples.ts';
import { exceedsThreshold } from './exceeds-threshold.ts';
import { comparisonReasons, overallVerdict } from './judge-change.ts';

const around = (centre: number, scatter: number, runs: number): readonly number[] =>
  Array.from({ length: runs }, (_, at) => centre * (1 + (scatter * (at - (runs - 1) / 2)) / runs));

const compared = (base: readonly number[], candidate: readonly number[], direction: 'lower' | 'higher' = 'lower') =>
  compareSamples([{ name: 'p99', base, candidate }], direction)[0];

test('a clear change is worse or better by its direction', (t) => {
  const base = around(100, 0.02, 6);
  const slow = around(120, 0.02, 6);
  t.like(compared(base, slow), { verdict: 'worse', reasons: ['significant', 'beyond-threshold'] });
  t.like(compared(base, slow, 'higher'), { verdict: 'better' });
  t.like(compared(slow, base), { verdict: 'better' });
  t.like(compared(base, slow)?.ratio, { confidence: 0.95 });
  t.true(Math.abs((compared(base, slow)?.ratio?.estimate ?? 0) - 1.2) < 0.01);
});

test('same is only what is shown to be within the threshold, found different or not', (t) => {
  t.like(compared(around(100, 0.01, 8), around(100.1, 0.01, 8)), {
    verdict: 'same',
    reasons: ['not-significant', 'within-threshold'],
  });
  t.like(compared(around(100, 0.01, 8), around(102, 0.01, 8)), {
    verdict: 'same',
    reasons: ['significant', 'within-threshold'],
  });
});

test('no difference found among scattered runs is inconclusive, not the same', (t) => {
  t.like(compared(around(100, 0.5, 5), around(103, 0.5, 5)), {
    verdict: 'inconclusive',
    reasons: ['not-significant', 'threshold-open'],
  });
});

test('a difference that may be smaller or larger than the threshold is inconclusive', (t) => {
  t.like(compared(around(100, 0.04, 8), around(104.5, 0.04, 8)), {
    verdict: 'inconclusive',
    reasons: ['significant', 'below-threshold', 'threshold-open'],
  });
});

test('three runs or fewer decide nothing, whatever they say', (t) => {
  for (const runs of [0, 1, 2, 3])
    for (const [base, candidate] of [
      [runs, 12],
      [12, runs],
    ] as const)
      t.like(compared(around(100, 0.01, base), around(300, 0.01, candidate)), {
        verdict: 'inconclusive',
        reasons: ['too-few-runs'],
      });
  t.like(compared(around(100, 0.01, 4), around(300, 0.01, 4)), { verdict: 'worse' });
  t.like(compared([], [1, 2, 3, 4]), {
    ratio: null,
    pValue: null,
    adjustedPValue: null,
    minimumDetectableEffect: null,
  });
});

test('zeros: none on both sides is the same, some where there were none is worse', (t) => {
  const none = [0, 0, 0, 0, 0];
  t.like(compared(none, none), { verdict: 'same' });
  t.like(compared(none, [1, 2, 3, 4, 5]), { verdict: 'worse' });
  t.like(compared([1, 2, 3, 4, 5], none), { verdict: 'better' });
});

test('Holm over the family: what is found alone may be lost among others', (t) => {
  const found = { name: 'a', base: around(100, 0.1, 4), candidate: around(130, 0.1, 4) };
  const noise = { name: 'b', base: around(100, 0.1, 4), candidate: around(100, 0.1, 4) };
  t.is(compareSamples([found], 'lower')[0]?.verdict, 'worse');
  const [first, second] = compareSamples([found, noise], 'lower');
  t.is(first?.adjustedPValue, 2 * (first?.pValue ?? 0));
  t.is(first?.verdict, 'inconclusive');
  t.is(second?.adjustedPValue, 1);
});

test('of simulated runs: equal ones are not worse, slower ones are, and what is at the threshold does not pass', (t) => {
  const random = seededRandom(3);
  const draw = (centre: number): readonly number[] =>
    Array.from({ length: 8 }, () => centre * Math.exp(0.03 * normalQuantile(Math.max(random.next(), Number.EPSILON))));
  const shareOf = (verdict: string, change: number): number => {
    const repetitions = 200;
    const verdicts = Array.from({ length: repetitions }, () => compared(draw(100), draw(100 * (1 + change)))?.verdict);
    return verdicts.filter((each) => each === verdict).length / repetitions;
  };
  t.true(shareOf('worse', 0) < 0.05);
  t.true(shareOf('worse', 0.1) > 0.9);
  t.true(shareOf('same', 0.05) < 0.1);
});

test('swapping base and candidate turns better into worse and nothing else', (t) => {
  const arm = fc.array(fc.integer({ min: 20, max: 40 }), { minLength: 3, maxLength: 7 });
  const swapped = { same: 'same', better: 'worse', worse: 'better', inconclusive: 'inconclusive' } as const;
  const seen = new Set<string>();
  fc.assert(
    fc.property(arm, arm, fc.integer({ min: -20, max: 30 }), (left, right, shift) => {
      const base = left.map((value) => value + shift);
      const there = compared(base, right);
      const back = compared(right, base);
      seen.add(there?.verdict ?? '');
      t.is(back?.verdict, swapped[there?.verdict ?? 'same']);
      t.deepEqual(back?.reasons, there?.reasons);
      for (const reason of there?.reasons ?? []) t.true(comparisonReasons.includes(reason));
    }),
    { seed: 8, numRuns: 400 },
  );
  t.true(seen.has('better') && seen.has('worse') && seen.has('inconclusive'));
});

test('the threshold is the same up and down', (t) => {
  t.true(exceedsThreshold(1.05, 0.05) && exceedsThreshold(1 / 1.05, 0.05));
  t.false(exceedsThreshold(1.0499, 0.05) || exceedsThreshold(1 / 1.0499, 0.05));
});

test('one word for all: worse, then inconclusive, then better', (t) => {
  t.is(overallVerdict(['same', 'better', 'inconclusive', 'worse']), 'worse');
  t.is(overallVerdict(['same', 'better', 'inconclusive']), 'inconclusive');
  t.is(overallVerdict(['same', 'better']), 'better');
  t.is(overallVerdict(['same']), 'same');
});
