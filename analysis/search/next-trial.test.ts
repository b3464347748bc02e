import test from 'ava';
import { seededRandom, streamSeed } from '../../model/random.ts';
import { inSeconds, milliseconds, perSecond, seconds } from '../../model/units.ts';
import { plainQueue, simulateQueue } from '../models/queueing/simulate-queue.ts';
import { searchDefaults, trialLengths } from './next-rate.ts';
import { type NextTrial, type PlacedTrial, type SearchOrder, nextTrial, promisedRate } from './next-trial.ts';
import { type RecordedTrial, searchFigures } from './search-figures.ts';

const queue = {
  ...plainQueue,
  servers: 4,
  serviceTime: milliseconds(10),
  service: { kind: 'lognormal', cv: 0.5 },
} as const;

const order: SearchOrder = {
  settings: {
    ...searchDefaults,
    ...trialLengths(seconds(10)),
    budget: seconds(300),
    firstRate: perSecond(50),
    highestRate: perSecond(10_000),
  },
  limits: [0.01],
  repeats: 1,
  certify: false,
};

type Asked = Extract<NextTrial, { kind: 'trial' }>;
const lateAfter = [60, 30] as const;

/** What a trial sees of a simulated target, by each limit of time. */
function tried(asked: Asked, seed: number, limits = 1): RecordedTrial {
  const { search, purpose, rate, duration } = asked;
  const shares = lateAfter.slice(0, limits).map(() => Array.from({ length: 4 }, () => ({ hits: 0, trials: 0 })));
  let completed = 0;
  simulateQueue(queue, { rate, duration }, seededRandom(seed), (due, _start, end) => {
    if (end <= duration) completed++;
    for (const [index, batches] of shares.entries()) {
      const batch = batches[Math.floor((4 * due) / duration)];
      if (batch === undefined) continue;
      batch.trials++;
      if (end - due > (lateAfter[index] ?? 0)) batch.hits++;
    }
  });
  const completedRate = perSecond(completed / inSeconds(duration));
  return {
    search,
    purpose,
    rate,
    duration,
    shares,
    completedRate,
    valid: true,
    reasons: [],
    run: `${seed}`,
    target: search,
  };
}

function searched(wishes: Partial<SearchOrder>, change = (trial: RecordedTrial): RecordedTrial => trial) {
  const whole = { ...order, ...wishes };
  const trials: RecordedTrial[] = [];
  for (;;) {
    const next = nextTrial(trials, whole);
    if (next.kind === 'done') return { trials, next, order: whole };
    trials.push(change(tried(next, streamSeed(7, trials.length), whole.limits.length)));
  }
}

const figuresOf = ({ trials, next, order: whole }: ReturnType<typeof searched>) =>
  searchFigures({ trials, order: whole, objectives: ['p99<60ms', 'p99<30ms'], next, launched: true });

const width = (one: { low: number; high: number } | null): number => (one === null ? 0 : one.high / one.low);

/** Makes the confirming trial see that share of violations. */
const share = (value: number) => (trial: RecordedTrial) =>
  trial.purpose === 'confirm'
    ? { ...trial, shares: [Array.from({ length: 10 }, () => ({ hits: 1000 * value, trials: 1000 }))] }
    : trial;

test('of several objectives the one that is crossed at the lowest rate decides', (t) => {
  const loose = searched({});
  const both = searched({ limits: [0.01, 0.01] });
  const [first, second] = [promisedRate(loose.next.ends), promisedRate(both.next.ends)];
  t.is(loose.next.ends[0].objective, 0);
  t.is(both.next.ends[0].objective, 1);
  t.true(first !== null && second !== null && second < first * 0.95, `${second} of ${first}`);
  t.is(figuresOf(both).objective, 'p99<30ms');
});

test('several searches: the lowest rate is promised and the interval holds them all', (t) => {
  const three = searched({ repeats: 3 });
  const rates = three.next.ends.flatMap(({ result }) => (result.status === 'found' ? [result.rate] : []));
  t.is(rates.length, 3);
  t.is(promisedRate(three.next.ends), perSecond(Math.min(...rates)));
  const { boundsPerSecond, crossingPerSecond, searches, certificate } = figuresOf(three);
  t.is(boundsPerSecond.low, perSecond(Math.min(...rates)));
  t.is(searches.length, 3);
  t.is(certificate?.restarts, 2);
  for (const { crossingPerSecond: one } of searches)
    t.true(crossingPerSecond !== null && crossingPerSecond.low < one.estimate && one.estimate < crossingPerSecond.high);
  t.true(width(crossingPerSecond) > Math.min(...searches.map((one) => width(one.crossingPerSecond))));
});

test('--certify: a trial of its own at the promised rate, and what it decides', (t) => {
  const certified = searched({ certify: true });
  const last = certified.trials.at(-1);
  t.is(last?.purpose, 'confirm');
  t.is(last?.rate, promisedRate(certified.next.ends) ?? undefined);
  t.is(last?.duration, order.settings.leastCertified);
  t.like(figuresOf(certified).certificate, { by: 'confirmation' });

  t.is(searched({ certify: true }, share(0.001)).next.confirmation?.result, 'pass');
  const failed = searched({ certify: true }, share(0.1));
  t.is(failed.next.confirmation?.result, 'fail');
  t.like(figuresOf(failed), { conclusive: false, certificate: { result: 'fail' } });
  t.like(figuresOf(searched({ certify: true }, share(0.001))), { status: 'found', certificate: { result: 'pass' } });
});

test('a generator that is the limit: said, inconclusive, and the rate that held until then is kept', (t) => {
  const limited = searched({}, (trial) => ({ ...trial, valid: trial.rate < 300, reasons: ['generator-late'] }));
  const figures = figuresOf(limited);
  t.is(figures.status, 'generator-limited');
  t.false(figures.conclusive);
  t.regex(figures.reasons.join(), /load generator, not the target/);
  t.true((figures.boundsPerSecond.low ?? 0) >= 200 && figures.boundsPerSecond.high === null);
  t.true(figures.probes.every(({ decision }) => decision !== 'fail'));
  t.is(figures.probes.at(-1)?.decision, 'invalid');
});

test('every beginning of a search can be told and gone on with', (t) => {
  const { trials, order: whole } = searched({ certify: true });
  for (const count of [0, 1, 5, trials.length - 1]) {
    const some: readonly PlacedTrial[] = trials.slice(0, count);
    const next = nextTrial(some, whole);
    t.like(next, { kind: 'trial', rate: trials[count]?.rate, purpose: trials[count]?.purpose });
    const figures = searchFigures({
      trials: trials.slice(0, count),
      order: whole,
      objectives: ['a'],
      next,
      launched: false,
    });
    t.is(figures.status, 'unfinished');
    t.is(figures.probes.length, count);
  }
});
