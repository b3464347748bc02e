import type { ContestCandidate } from './model-contest.ts';
import { uslThroughput } from './usl-curve.ts';

/** Throughput by concurrency of a candidate of the contest. */
export function curveOfCandidate({ parameters }: ContestCandidate): (concurrency: number) => number {
  const gamma = parameters.gamma?.estimate ?? 0;
  const alpha = parameters.alpha?.estimate ?? 0;
  const beta = parameters.beta?.estimate ?? 0;
  const ceiling = parameters.ceiling?.estimate ?? Infinity;
  return (concurrency) => Math.min(uslThroughput({ gamma, alpha, beta }, concurrency), ceiling);
}
