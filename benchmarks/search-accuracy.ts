import { type Benchmark, type Figure, quantileOf } from './benchmark.ts';
import {
  type KnownTarget,
  type SearchEnd,
  breakpointRamp,
  doublingAndBisection,
  knownTargets,
  searchTarget,
  untunedTargets,
} from './search-simulation.ts';

/** What is asked of the search on one target; shares of 1. */
interface Asked {
  readonly median: number;
  readonly p90: number;
  readonly unsafe: number;
  readonly holds: number | null;
  readonly minutes: number;
}

const steady: Asked = { median: 0.03, p90: 0.06, unsafe: 0.05, holds: null, minutes: 10 };
const asked: readonly (readonly [KnownTarget, Asked])[] = [
  [knownTargets.clean, steady],
  [knownTargets.stalls, { median: 0.05, p90: 0.1, unsafe: 0.1, holds: 0.9, minutes: 15 }],
  [knownTargets.growing, steady],
  [untunedTargets.few, steady],
  [untunedTargets.many, steady],
];
/** Seeds of the untuned begin here, apart from those that the search was tuned with. */
const untunedSeeds = 10_000;
/** Returned so far above the truth, a rate is unsafe. */
const tooHigh = 0.02;

/** The adaptive search on simulated targets whose answer is known, beside two that are in use. */
export const searchAccuracy: Benchmark = {
  name: 'search-accuracy',
  about: 'rate returned against the truth on simulated targets, p99 ≤ 50 ms where nothing else is said',
  minutes: 10,
  run: async ({ quick }) => {
    return asked.flatMap(([target, limits]) => {
      const first = target.name.startsWith('untuned') ? untunedSeeds : 1;
      const seeds = Array.from({ length: quick ? 20 : 150 }, (_, index) => first + index);
      return [
        ...judged(
          target,
          limits,
          seeds.map((seed) => searchTarget(target, seed)),
        ),
        shown(
          target,
          'doubling and bisection',
          seeds.map((seed) => doublingAndBisection(target, seed)),
        ),
        shown(
          target,
          'breakpoint ramp',
          seeds.map((seed) => breakpointRamp(target, seed)),
        ),
      ];
    });
  },
};

function judged(target: KnownTarget, limits: Asked, ends: readonly SearchEnd[]): Figure[] {
  const { median, p90, unsafe, holds, minutes, longest } = summary(target, ends);
  const figure = (what: string, value: number, limit: number): Figure => ({
    what: `${target.name}: ${what}`,
    asked: `≤ ${percentage(limit)}`,
    measured: percentage(value),
    pass: value <= limit,
  });
  return [
    figure('median error', median, limits.median),
    figure('p90 error', p90, limits.p90),
    figure('more than 2 % too high', unsafe, limits.unsafe),
    {
      what: `${target.name}: interval holds the truth`,
      asked: limits.holds === null ? 'shown' : `≥ ${percentage(limits.holds)}`,
      measured: percentage(holds),
      pass: limits.holds === null ? null : holds >= limits.holds,
    },
    {
      what: `${target.name}: simulated minutes, median`,
      asked: `≤ ${limits.minutes}`,
      measured: `${minutes.toFixed(1)} (longest ${longest.toFixed(1)})`,
      pass: minutes <= limits.minutes,
    },
  ];
}

function shown(target: KnownTarget, name: string, ends: readonly SearchEnd[]): Figure {
  const { median, p90, unsafe, minutes } = summary(target, ends);
  return {
    what: `${target.name}: ${name}`,
    asked: 'shown',
    measured: `median error ${percentage(median)}, p90 ${percentage(p90)}, too high ${percentage(unsafe)}, ${minutes.toFixed(1)} min`,
    pass: null,
  };
}

function summary({ truth }: KnownTarget, ends: readonly SearchEnd[]) {
  const errors = ends.map(({ rate }) => rate / truth - 1);
  const sizes = errors.map(Math.abs);
  const times = ends.map(({ minutes }) => minutes);
  return {
    median: quantileOf(sizes, 0.5),
    p90: quantileOf(sizes, 0.9),
    unsafe: errors.filter((error) => error > tooHigh).length / errors.length,
    holds: ends.filter(({ holds }) => holds === true).length / ends.length,
    minutes: quantileOf(times, 0.5),
    longest: Math.max(...times),
  };
}

const percentage = (share: number): string => `${(100 * share).toFixed(1)} %`;
