import { simulatedRuns } from '../analysis/sizing/waits/simulated-waits.ts';
import { type WaitObjective, type WaitingLoad, isMarkov } from '../analysis/sizing/waits/waiting-load.ts';
import { type WaitFigure, type Waits, waitProbabilities } from '../analysis/sizing/waits/waits.ts';
import { type Milliseconds, type Ratio, milliseconds } from '../model/units.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How long arrivals wait with one number of servers, as JSON; null where the line grows without bound or is not settled. */
export interface WaitRow {
  readonly utilization: Ratio;
  readonly probabilityWait: number | null;
  readonly meanWaitMs: Milliseconds | null;
  readonly waitQuantilesMs: Readonly<Record<string, number | null>>;
  readonly probabilityOverObjective: number | null;
  readonly meetsObjective: boolean;
  /** 95 % intervals of what was simulated; null where it was not. */
  readonly intervals: {
    readonly probabilityWait: Interval;
    readonly meanWaitMs: Interval;
    readonly waitQuantilesMs: Readonly<Record<string, Interval>>;
    readonly probabilityOverObjective: Interval;
  } | null;
}

export function waitRow(waits: Waits, load: WaitingLoad, { share }: WaitObjective): WaitRow {
  const { utilization, probabilityWait, meanWait, quantiles, probabilityOver, settled } = waits;
  const estimate = (figure: WaitFigure | null | undefined): number | null =>
    settled && figure != null ? figure.estimate : null;
  const mean = estimate(meanWait);
  return {
    utilization,
    probabilityWait: estimate(probabilityWait),
    meanWaitMs: mean === null ? null : milliseconds(mean),
    waitQuantilesMs: byProbability((index) => estimate(quantiles?.[index])),
    probabilityOverObjective: estimate(probabilityOver),
    meetsObjective: settled && probabilityOver.estimate <= share,
    intervals:
      isMarkov(load) || meanWait === null || quantiles === null || !settled
        ? null
        : {
            probabilityWait: ends(probabilityWait),
            meanWaitMs: ends(meanWait),
            waitQuantilesMs: byProbability((index) => ends(quantiles[index] ?? meanWait)),
            probabilityOverObjective: ends(probabilityOver),
          },
  };
}

const byProbability = <T>(value: (index: number) => T): Record<string, T> =>
  Object.fromEntries(waitProbabilities.map((probability, index) => [String(probability), value(index)]));

const ends = ({ low, high }: WaitFigure): Interval => ({ low, high });

export interface TableWarning {
  readonly code: 'objective-missed' | 'row-unknown';
  readonly message: string;
}

/** What a table says against a recommendation; `recommended` in words: "8 connections". */
export function tableWarnings(
  rows: readonly WaitRow[],
  meetsObjective: boolean,
  recommended: string,
): readonly TableWarning[] {
  return [
    ...(meetsObjective
      ? []
      : [{ code: 'objective-missed' as const, message: `${recommended} don't meet the objective` }]),
    ...(rows.some(({ meanWaitMs }) => meanWaitMs === null)
      ? [
          {
            code: 'row-unknown' as const,
            message: 'null waits in the table: the line grows without bound there, or is too near that to be simulated',
          },
        ]
      : []),
  ];
}

/** How the figures were found, with the distributions that were assumed; `time` is what a use of a server is called. */
export function waitMethod(load: WaitingLoad, time: string): string {
  const { serviceCv, arrivalCv, order } = load;
  const orderName = order === 'fifo' ? 'first come first served' : 'random order';
  const shapes = `${time} ${shapeOf(serviceCv, 'lognormal')}, ${arrivalCv === 1 ? 'arrivals Poisson' : `gaps between arrivals ${shapeOf(arrivalCv, 'gamma')}`}`;
  if (isMarkov(load))
    return `exact: M/M/c, ${orderName} (${order === 'fifo' ? 'Erlang C' : 'Erlang C and Flatto 1997'}); ${shapes}`;
  return `simulated: ${arrivalCv === 1 ? 'M' : 'G'}/G/c, ${orderName}; ${shapes}; ${simulatedRuns} independent runs, 95 % intervals over them`;
}

function shapeOf(cv: number, family: string): string {
  if (cv === 1) return 'exponential (cv 1)';
  return cv === 0 ? 'constant (cv 0)' : `${family} (cv ${Number(cv.toPrecision(3))})`;
}

/** What low and high of a recommendation mean. */
export function intervalMeaning(load: WaitingLoad, ranges: boolean): string {
  const simulation = 'numbers that meet the objective at the ends of the simulated 95 % interval';
  if (isMarkov(load))
    return ranges
      ? 'low and high: numbers for the lightest and heaviest load in the ranges given or measured, by formula'
      : 'inputs taken as exact, and a formula: low and high are the estimate; give ranges (8ms..12ms) for what is not known';
  return ranges
    ? `low and high: for the lightest and heaviest load in the ranges given or measured, ${simulation}`
    : `low and high: ${simulation}; inputs taken as exact`;
}
