import { type SimulatedQueue, plainQueue, simulateQueue } from '../analysis/models/queueing/simulate-queue.ts';
import { type SearchFound, type SearchSettings, nextRate, searchDefaults } from '../analysis/search/next-rate.ts';
import type { SearchTrial, TrialPurpose } from '../analysis/search/search-trial.ts';
import { seededRandom, streamSeed } from '../model/random.ts';
import { type Milliseconds, type PerSecond, inSeconds, milliseconds, perSecond, seconds } from '../model/units.ts';

/** A target whose answer is known: the rate at which so many of its requests are late in the long run. */
export interface KnownTarget {
  readonly name: string;
  readonly queue: SimulatedQueue;
  readonly late: Milliseconds;
  /** Share of requests that may be late. */
  readonly limit: number;
  readonly truth: number;
}

const clean: SimulatedQueue = {
  ...plainQueue,
  servers: 8,
  serviceTime: milliseconds(8),
  service: { kind: 'lognormal', cv: 0.7 },
};

/** Truths by the simulator itself, over 20,000 to 60,000 simulated seconds at rates beside them. */
export const knownTargets = {
  clean: { name: 'c 8, S 8 ms, cv 0.7', queue: clean, late: milliseconds(50), limit: 0.01, truth: 917 },
  stalls: {
    name: 'the same with stalls of 60 ms, mean every 15 s',
    queue: { ...clean, stalls: { meanGap: seconds(15), duration: milliseconds(60) } },
    late: milliseconds(50),
    limit: 0.01,
    truth: 818,
  },
  growing: {
    name: 'c 16, S 8 ms growing by 5 % with each beside it',
    queue: { ...clean, servers: 16, slowdown: (inService: number) => 1 + 0.05 * (inService - 1) },
    late: milliseconds(50),
    limit: 0.01,
    truth: 986,
  },
} as const satisfies Record<string, KnownTarget>;

/** Nothing of the search was chosen with these in view: other servers, service times, spreads and objectives. Truths by the simulator over 60,000 and 8,000 seconds. */
export const untunedTargets = {
  few: {
    name: 'untuned: c 3, S 25 ms, cv 1.2, within(150ms)>=95%',
    queue: { ...plainQueue, servers: 3, serviceTime: milliseconds(25), service: { kind: 'lognormal', cv: 1.2 } },
    late: milliseconds(150),
    limit: 0.05,
    truth: 92.1,
  },
  many: {
    name: 'untuned: c 40, S 20 ms, cv 0.3, p99.9 ≤ 60 ms',
    queue: { ...plainQueue, servers: 40, serviceTime: milliseconds(20), service: { kind: 'gamma', cv: 0.3 } },
    late: milliseconds(60),
    limit: 0.001,
    truth: 1899,
  },
} as const satisfies Record<string, KnownTarget>;

export const searchPause = seconds(2);

/** One trial from an empty queue: its first second or two left out, the rest in batches of about seven seconds. */
export function tryRate(
  target: KnownTarget,
  { rate, duration, purpose }: { rate: PerSecond; duration: Milliseconds; purpose: TrialPurpose },
  seed: number,
): SearchTrial {
  const settling = seconds(duration > seconds(20) ? 2 : 1);
  const count = Math.max(1, Math.round((duration - settling) / seconds(7)));
  const length = (duration - settling) / count;
  const batches = Array.from({ length: count }, () => ({ hits: 0, trials: 0 }));
  let completed = 0;
  simulateQueue(target.queue, { rate, duration }, seededRandom(seed), (due, _start, end) => {
    if (end <= duration) completed++;
    const batch = batches[Math.floor((due - settling) / length)];
    if (batch === undefined) return;
    batch.trials++;
    if (end - due > target.late) batch.hits++;
  });
  return { purpose, rate, duration, batches, completedRate: perSecond(completed / inSeconds(duration)), valid: true };
}

export interface SearchEnd {
  readonly rate: number;
  readonly minutes: number;
  readonly holds: boolean | null;
}

/** plimsoll's search against a target, start to end. */
export function searchTarget(target: KnownTarget, seed: number, more: Partial<SearchSettings> = {}): SearchEnd {
  const settings: SearchSettings = {
    ...searchDefaults,
    limit: target.limit,
    firstRate: perSecond(100),
    highestRate: perSecond(100_000),
    ...more,
  };
  const trials: SearchTrial[] = [];
  for (;;) {
    const step = nextRate(trials, settings);
    if (step.kind === 'measure') {
      trials.push(tryRate(target, step, streamSeed(seed, trials.length)));
      continue;
    }
    if (step.result.status !== 'found') throw new Error(`the search ended ${step.result.status}`);
    const { rate, crossing }: SearchFound = step.result;
    return {
      rate,
      minutes: minutesOf(trials),
      holds: crossing.low <= target.truth && target.truth <= crossing.high,
    };
  }
}

/** Nighthawk's adaptive load: trials of 10 s, doubling until one fails, then bisection to 1 %. */
export function doublingAndBisection(target: KnownTarget, seed: number): SearchEnd {
  const trials: SearchTrial[] = [];
  const passes = (rate: number): boolean => {
    const step = { rate: perSecond(rate), duration: seconds(10), purpose: 'certify' } as const;
    const trial = tryRate(target, step, streamSeed(seed, trials.length));
    trials.push(trial);
    return shareOf(trial) <= target.limit;
  };
  let low = 0;
  let high = 100;
  while (passes(high)) {
    low = high;
    high *= 2;
  }
  while (high / low - 1 > 0.01) {
    const middle = (low + high) / 2;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return { rate: low, minutes: minutesOf(trials), holds: null };
}

/** A k6 breakpoint test: the rate rises evenly over ten minutes, and ends when p99 of all so far crosses its threshold. */
export function breakpointRamp(target: KnownTarget, seed: number): SearchEnd {
  const steps = 600;
  const top = 1.3 * target.truth;
  let requests = 0;
  let late = 0;
  for (let step = 1; step <= steps; step++) {
    // Second by second in place of evenly: the queue starts empty in each, which favours the ramp.
    const rate = perSecond((top * step) / steps);
    const seen = tryRate(target, { rate, duration: seconds(2), purpose: 'probe' }, streamSeed(seed, step));
    requests += seen.batches[0]?.trials ?? 0;
    late += seen.batches[0]?.hits ?? 0;
    if (step > 10 && late / requests > target.limit) return { rate, minutes: step / 60, holds: null };
  }
  return { rate: top, minutes: steps / 60, holds: null };
}

function shareOf({ batches }: SearchTrial): number {
  return batches.reduce((sum, { hits }) => sum + hits, 0) / batches.reduce((sum, { trials }) => sum + trials, 0);
}

function minutesOf(trials: readonly SearchTrial[]): number {
  return trials.reduce((sum, { duration }) => sum + duration + searchPause, 0) / seconds(60);
}
