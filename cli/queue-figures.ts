import { type GeneralLoad, ggc, type ggcApproximations } from '../analysis/models/queueing/ggc.ts';
import { mm1 } from '../analysis/models/queueing/mm1.ts';
import { mmc } from '../analysis/models/queueing/mmc.ts';
import { mmck } from '../analysis/models/queueing/mmck.ts';
import type { QueueModel } from '../analysis/models/queueing/queue-model.ts';
import { type SimulatedFigure, simulatedQuantiles } from '../analysis/models/queueing/simulated-quantiles.ts';
import { type Milliseconds, type Ratio, inPercent, percent, ratio } from '../model/units.ts';
import { formatIn, scaleFor } from '../reports/format-quantity.ts';

export interface QueueWarning {
  readonly code: 'distribution-assumed' | 'approximation-off' | 'simulation-uncertain' | 'quantiles-unknown';
  readonly message: string;
}

type Quantiles = Readonly<Record<string, number | null>>;

/** What `plimsoll queue --json` prints, `schema` apart. */
export interface QueueFigures {
  readonly utilization: Ratio;
  readonly offeredErlangs: number;
  readonly probabilityEmpty: Ratio | null;
  readonly probabilityWait: number | null;
  readonly probabilityBlocked: Ratio | null;
  readonly meanQueue: number;
  readonly meanInSystem: number;
  readonly meanWaitMs: Milliseconds;
  readonly meanResponseMs: Milliseconds;
  readonly waitQuantilesMs: Quantiles;
  readonly responseQuantilesMs: Quantiles;
  readonly method: string;
  readonly warnings: readonly QueueWarning[];
}

const probabilities = [0.5, 0.9, 0.99, 0.999] as const;

/** Exact figures of a queue with exponential gaps and services; `limit` as in M/M/c/K, null for none. */
export function markovFigures(load: GeneralLoad, limit: number | null): QueueFigures {
  const { servers, arrivalRate, serviceTime } = load;
  const name = limit === null ? (servers === 1 ? 'M/M/1' : `M/M/${servers}`) : `M/M/${servers}/${limit}`;
  const model: QueueModel =
    limit !== null ? mmck(load, limit) : servers === 1 ? mm1(arrivalRate, serviceTime) : mmc(load);
  return {
    utilization: model.utilization,
    offeredErlangs: model.offeredErlangs,
    probabilityEmpty: model.probabilityEmpty,
    probabilityWait: model.probabilityWait,
    probabilityBlocked: model.probabilityBlocked,
    meanQueue: model.meanQueue,
    meanInSystem: model.meanInSystem,
    meanWaitMs: model.meanWait,
    meanResponseMs: model.meanResponse,
    waitQuantilesMs: table((probability) => model.waitQuantile(probability)),
    responseQuantilesMs: table((probability) => model.responseQuantile(probability)),
    method: `exact: ${name}, first come first served`,
    warnings: [],
  };
}

/** Means of G/G/c by an approximation that is named, quantiles by simulation; what neither tells is null. */
export function generalFigures(
  load: GeneralLoad,
  approximation: (typeof ggcApproximations)[number],
  seed: number,
): QueueFigures {
  const means = ggc(load, approximation);
  const exact = load.servers === 1 && load.arrivalCv === 1;
  const simulated = simulatedQuantiles(load, probabilities, seed);
  const negligible = load.serviceTime / 50;
  const warnings: QueueWarning[] = [];
  if (simulated === null)
    warnings.push({
      code: 'quantiles-unknown',
      message: 'no quantiles: so near saturation (or with so many servers) no simulation of bearable length tells them',
    });
  else {
    warnings.push({
      code: 'distribution-assumed',
      message: `mean and cv don't fix a distribution: quantiles take services as lognormal and gaps as gamma`,
    });
    const { meanWait } = simulated;
    if (means.meanWait > meanWait.high * 1.05 || means.meanWait < meanWait.low / 1.05) {
      const scale = scaleFor('ms', [means.meanWait, meanWait.low, meanWait.high]);
      const [approximate, low, high] = [means.meanWait, meanWait.low, meanWait.high].map((wait) =>
        formatIn(scale, wait),
      );
      warnings.push({
        code: 'approximation-off',
        message: `the approximation's mean wait is ${approximate} ${scale.symbol}, the simulated one ${low} to ${high} ${scale.symbol}`,
      });
    }
    if ([...simulated.waits, ...simulated.responses].some((figure) => known(figure, negligible) === null))
      warnings.push({
        code: 'simulation-uncertain',
        message: `quantiles whose 95 % interval is wider than ${inPercent(ratio(widest))} % of them are null`,
      });
  }
  return {
    utilization: means.utilization,
    offeredErlangs: means.offeredErlangs,
    probabilityEmpty: null,
    probabilityWait: known(simulated?.probabilityWait, percent(1)),
    probabilityBlocked: null,
    meanQueue: means.meanQueue,
    meanInSystem: means.meanInSystem,
    meanWaitMs: means.meanWait,
    meanResponseMs: means.meanResponse,
    waitQuantilesMs: table((_, index) => known(simulated?.waits[index], negligible)),
    responseQuantilesMs: table((_, index) => known(simulated?.responses[index], negligible)),
    method: [
      exact
        ? 'means exact: M/G/1, Pollaczek and Khinchine'
        : `means approximate: G/G/${load.servers}, ${approximation === 'allen-cunneen' ? 'Allen and Cunneen' : 'Sakasegawa'}`,
      simulated === null
        ? 'quantiles unknown'
        : `quantiles and probability of waiting simulated: ${simulated.jobs} jobs, first come first served`,
    ].join('; '),
    warnings,
  };
}

/** The value where its interval is short enough, measured by the value or by a size below which nothing matters. */
function known(figure: SimulatedFigure | undefined, negligible: number): number | null {
  if (figure === undefined) return null;
  const width = figure.high - figure.low;
  return width <= widest * figure.estimate || width <= negligible ? figure.estimate : null;
}

const widest = 0.2;

function table(value: (probability: number, index: number) => number | null): Quantiles {
  return Object.fromEntries(
    probabilities.map((probability, index) => [String(probability), value(probability, index)]),
  );
}
