import test from 'ava';
import reference from '../../../fixtures/reference/scalability-fits.json' with { type: 'json' };
import { relativeError } from '../../../fixtures/relative-error.ts';
import { type Random, seededRandom } from '../../../model/random.ts';
import { modelContest } from './model-contest.ts';
import type { ScalabilityModelName } from './scalability-doubt.ts';
import type { ScalabilityPoint } from './scalability-point.ts';
import { uslThroughput } from './usl-curve.ts';

/** Two of the sets have 6 and 7 rows, where AICc's correction alone would decide: nothing is chosen. */
const winners: Record<string, ScalabilityModelName> = { raytracer: 'amdahl', cisco: 'usl', 'usl test': 'usl' };

for (const { name, concurrency, throughput, candidates, knee } of reference.contests) {
  test(`${name}: SciPy’s sums of squares, AICc and weights`, (t) => {
    const points = concurrency.map((each, index) => ({ concurrency: each, throughput: throughput[index] ?? 0 }));
    const contest = modelContest(points);
    if (contest.status === 'refused') {
      t.fail(JSON.stringify(contest.reasons));
      return;
    }
    t.is(contest.candidates.length, candidates.length);
    for (const expected of candidates) {
      const seen = contest.candidates.find(({ model }) => model === expected.model);
      t.true(relativeError(seen?.sumOfSquares ?? 0, expected.sumOfSquares) < 1e-7, expected.model);
      t.true(
        Math.abs((seen?.aicc ?? 0) - expected.aicc) < 1e-5,
        `${expected.model}: ${seen?.aicc} for ${expected.aicc}`,
      );
      t.true(Math.abs((seen?.weight ?? 0) - expected.weight) < 1e-6);
    }
    if (contest.knee !== null) t.true(relativeError(contest.knee.estimate, knee) < 1e-6);
    t.is(contest.chosen, winners[name] ?? null);
    t.is(
      contest.doubts.some(({ code }) => code === 'no-winner'),
      contest.chosen === null,
    );
  });
}

const levels = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const laws: Record<string, (concurrency: number) => number> = {
  linear: (n) => 50 * n,
  amdahl: (n) => uslThroughput({ gamma: 50, alpha: 0.05, beta: 0 }, n),
  usl: (n) => uslThroughput({ gamma: 50, alpha: 0.03, beta: 0.001 }, n),
  'hard-limit': (n) => Math.min(50 * n, 700),
};

const scatter = 8;

function sample(law: (concurrency: number) => number, random: Random): readonly ScalabilityPoint[] {
  return levels.map((concurrency) => ({
    concurrency,
    throughput: law(concurrency) + scatter * (random.next() + random.next() + random.next() - 1.5) * 2,
  }));
}

for (const [name, law] of Object.entries(laws)) {
  test(`points made by ${name} choose it, and hardly ever another`, (t) => {
    const seeds = 40;
    let right = 0;
    let wrong = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const contest = modelContest(sample(law, seededRandom(seed)));
      const chosen = contest.status === 'compared' ? contest.chosen : null;
      if (chosen === name) right++;
      else if (chosen !== null) wrong++;
    }
    t.log(`${right} right, ${wrong} wrong, ${seeds - right - wrong} not told`);
    t.true(right > 0.7 * seeds);
    t.true(wrong <= 0.1 * seeds);
  });
}

test('the hard limit’s knee and ceiling hold the truth; below the knee there is none', (t) => {
  let held = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const contest = modelContest(sample((n) => Math.min(50 * n, 700), seededRandom(seed)));
    const knee = contest.status === 'compared' ? contest.knee : null;
    if (knee !== null && (knee.low ?? 0) <= 14 && 14 <= (knee.high ?? Infinity)) held++;
  }
  t.true(held >= 33, `${held} of 40`);
  const rising = modelContest(sample((n) => 50 * n, seededRandom(1)));
  if (rising.status !== 'compared') return;
  const limit = rising.candidates.find(({ model }) => model === 'hard-limit');
  t.is(rising.knee, null);
  t.true(limit !== undefined);
});

test('refusals and few rows', (t) => {
  const points = sample(laws['usl'] ?? Number, seededRandom(1));
  t.like(modelContest(points.slice(0, 2)), { status: 'refused', reasons: [{ code: 'too-few-levels' }] });
  t.like(modelContest([{ concurrency: 1, throughput: 0 }, ...points]), { status: 'refused' });
  const level = levels.map((each, index) => ({ concurrency: 50 + each, throughput: 1000 + (index % 3) }));
  t.like(modelContest(level), { status: 'refused', reasons: [{ code: 'throughput-constant' }] });
  const few = modelContest(points.slice(0, 5));
  t.is(few.status, 'compared');
  if (few.status === 'compared') {
    t.like(few.candidates.at(-1), { model: 'usl', aicc: null, weight: null });
    t.true(few.doubts.some(({ code }) => code === 'model-not-compared'));
  }
});
