import { type Ratio, ratio } from '../../../model/units.ts';

/** 95 % interval of what was simulated; all three the same where a formula says it. */
export interface WaitFigure {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How long arrivals wait with so many servers. */
export interface Waits {
  readonly servers: number;
  readonly utilization: Ratio;
  readonly probabilityWait: WaitFigure;
  /** ms; null where the line grows without bound. */
  readonly meanWait: WaitFigure | null;
  /** ms, in the order of `waitProbabilities`; null where the line grows without bound. */
  readonly quantiles: readonly WaitFigure[] | null;
  /** P(wait > limit of the objective). */
  readonly probabilityOver: WaitFigure;
  /** False where it was simulated, and not for long enough: the waits are rather too short. */
  readonly settled: boolean;
}

export const waitProbabilities = [0.5, 0.9, 0.99, 0.999] as const;

export const exactly = (value: number): WaitFigure => ({ estimate: value, low: value, high: value });

/** No steady state: sooner or later every arrival waits longer than any limit. */
export function endlessWaits(servers: number): Waits {
  return {
    servers,
    utilization: ratio(1),
    probabilityWait: exactly(1),
    meanWait: null,
    quantiles: null,
    probabilityOver: exactly(1),
    settled: true,
  };
}
