import type { Milliseconds } from '../../../model/units.ts';

/**
 * The most workers that cores can run: each worker that is busy keeps cpuTime / serviceTime of a core busy, so more than
 * cores × serviceTime / cpuTime of them only wait for one another.
 */
export const workersOnCores = (cores: number, serviceTime: Milliseconds, cpuTime: Milliseconds): number =>
  Math.max(1, Math.floor(Number(((cores * serviceTime) / cpuTime).toPrecision(12))));

/**
 * The longest line worth having: so many jobs that wait are gone in `limit` when all workers are busy, so a job that
 * finds more of them is late already and had better be turned away.
 */
export const lineWithin = (limit: Milliseconds, workers: number, serviceTime: Milliseconds): number =>
  Math.floor(Number(((workers * limit) / serviceTime).toPrecision(12)));
