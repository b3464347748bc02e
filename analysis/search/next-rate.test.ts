import test from 'ava';
import { plainQueue, simulateQueue } from '../models/queueing/simulate-queue.ts';
import { seededRandom, streamSeed } from '../../model/random.ts';
import { inSeconds, milliseconds, perSecond, seconds } from '../../model/units.ts';
import { type SearchSettings, type SearchStep, nextRate, searchDefaults, trialLengths } from './next-rate.ts';
import type { SearchTrial } from './search-trial.ts';

const settings: SearchSettings = {
  ...searchDefaults,
  limit: 0.01,
  firstRate: perSecond(100),
  highestRate: perSecond(100_000),
};
const queue = {
  ...plainQueue,
  servers: 8,
  serviceTime: milliseconds(8),
  service: { kind: 'lognormal', cv: 0.7 },
} as const;

/** The simulated target of the benchmark: p99 ≤ 50 ms is met up to 916/s. */
function tryStep({ purpose, rate, duration }: Extract<SearchStep, { kind: 'measure' }>, seed: number): SearchTrial {
  const batches = Array.from({ length: 4 }, () => ({ hits: 0, trials: 0 }));
  let completed = 0;
  simulateQueue(queue, { rate, duration }, seededRandom(seed), (due, _start, end) => {
    if (end <= duration) completed++;
    const batch = batches[Math.floor((4 * due) / duration)];
    if (batch === undefined) return;
    batch.trials++;
    if (end - due > 50) batch.hits++;
  });
  return { purpose, rate, duration, batches, completedRate: perSecond(completed / inSeconds(duration)), valid: true };
}

function search(seed: number): { trials: readonly SearchTrial[]; last: SearchStep } {
  const trials: SearchTrial[] = [];
  for (;;) {
    const step = nextRate(trials, settings);
    if (step.kind === 'done') return { trials, last: step };
    trials.push(tryStep(step, streamSeed(seed, trials.length)));
  }
}

test('finds the crossing of a simulated target, and stays within its budget', (t) => {
  for (let seed = 1; seed <= 5; seed++) {
    const { trials, last } = search(seed);
    if (last.kind !== 'done' || last.result.status !== 'found') {
      t.fail('nothing found');
      continue;
    }
    const { rate, failsFrom, crossing, certified } = last.result;
    t.true(rate > 916 * 0.92 && rate < 916 * 1.03, `${rate}`);
    t.true(rate <= failsFrom && crossing.low <= rate && failsFrom <= crossing.high);
    t.true(certified >= settings.leastCertified);
    t.true(trials.reduce((sum, { duration }) => sum + duration + settings.pause, 0) <= settings.budget);
  }
});

test('the same trials give the same step, so a search can be resumed anywhere', (t) => {
  const { trials, last } = search(2);
  for (const [index, trial] of trials.entries()) {
    const step = nextRate(trials.slice(0, index), settings);
    t.like(step, { kind: 'measure', purpose: trial.purpose, rate: trial.rate, duration: trial.duration });
  }
  t.deepEqual(nextRate(trials, settings), last);
});

test('rates are passed, failed or undecided; what is undecided is not promised', (t) => {
  const { last } = search(3);
  if (last.kind !== 'done' || last.result.status !== 'found') {
    t.fail('nothing found');
    return;
  }
  const { rate, failsFrom, trials } = last.result;
  for (const trial of trials) {
    const expected = trial.rate <= rate ? 'pass' : trial.rate >= failsFrom ? 'fail' : 'undecided';
    if (Math.abs(trial.rate / rate - 1) > 1e-6 && Math.abs(trial.rate / failsFrom - 1) > 1e-6)
      t.is(trial.decision, expected, `${trial.rate} of ${rate} to ${failsFrom}`);
  }
  t.true(trials.some(({ decision }) => decision === 'pass') && trials.some(({ decision }) => decision === 'fail'));
});

const seen = (rate: number, share: number, more: Partial<SearchTrial> = {}): SearchTrial => ({
  purpose: 'overload',
  rate: perSecond(rate),
  duration: seconds(4),
  batches: [{ hits: share * rate * 4, trials: rate * 4 }],
  completedRate: perSecond(rate),
  valid: true,
  ...more,
});

test('begins at the first rate and doubles until most requests are late', (t) => {
  t.like(nextRate([], settings), { kind: 'measure', purpose: 'overload', rate: 100 });
  t.like(nextRate([seen(100, 0)], settings), { purpose: 'overload', rate: 200 });
  t.like(nextRate([seen(100, 0), seen(200, 0.9, { completedRate: perSecond(150) })], settings), {
    purpose: 'probe',
    rate: 90,
  });
});

test('a generator that gives out, a target that never or always gives in: said, and no rate is made up', (t) => {
  const gaveOut = [seen(100, 0), seen(200, 1, { valid: false })];
  t.like(nextRate(gaveOut, settings), { kind: 'measure', purpose: 'overload', rate: 141.4 });
  t.deepEqual(nextRate([...gaveOut, seen(141, 1, { valid: false }), seen(118, 1, { valid: false })], settings), {
    kind: 'done',
    result: { status: 'generator-limited', rate: perSecond(118) },
  });
  const low = { ...settings, highestRate: perSecond(150) };
  t.like(nextRate([seen(100, 0)], low), { kind: 'measure', rate: 150 });
  t.deepEqual(nextRate([seen(100, 0), seen(150, 0)], low), {
    kind: 'done',
    result: { status: 'never-overloaded', rate: perSecond(150) },
  });
  t.deepEqual(nextRate([seen(100, 1), seen(25, 1), seen(6.25, 1), seen(1.563, 1), seen(1, 1)], settings), {
    kind: 'done',
    result: { status: 'always-overloaded', rate: perSecond(1) },
  });
});

test('where the first rate is too much, lower ones are tried', (t) => {
  t.like(nextRate([seen(100, 1)], settings), { kind: 'measure', purpose: 'overload', rate: 25 });
  t.like(nextRate([seen(100, 1, { completedRate: perSecond(50) }), seen(25, 0)], settings), {
    purpose: 'probe',
    rate: 30,
  });
});

test('at the highest rate a share beyond the limit is enough to search below it', (t) => {
  const upTo = { ...settings, highestRate: perSecond(150) };
  t.like(nextRate([seen(100, 0), seen(150, 0.05)], upTo), { kind: 'measure', purpose: 'probe' });
});

test('later a trial that the generator could not drive is repeated once, and counts for nothing', (t) => {
  const before = [seen(100, 0), seen(200, 0.9, { completedRate: perSecond(150) })];
  const late = seen(90, 1, { purpose: 'probe', valid: false });
  t.like(nextRate([...before, late], settings), { kind: 'measure', purpose: 'probe', rate: 90 });
  t.like(nextRate([...before, late, seen(90, 0, { purpose: 'probe' })], settings), { purpose: 'probe', rate: 105 });
  t.deepEqual(nextRate([...before, late, late], settings), {
    kind: 'done',
    result: { status: 'generator-limited', rate: perSecond(90) },
  });
});

test('lengths follow from that of a deciding trial', (t) => {
  t.deepEqual(trialLengths(seconds(30)), {
    lengths: { overload: seconds(4), probe: seconds(5), certify: seconds(30), certifyLong: seconds(60) },
    leastCertified: seconds(300),
  });
  t.like(trialLengths(seconds(2)).lengths, { overload: seconds(2), probe: seconds(2), certifyLong: seconds(4) });
});
