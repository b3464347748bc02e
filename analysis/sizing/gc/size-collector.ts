import type { Estimate } from '../../../model/finding.ts';
import { rateText } from '../../../model/rate-text.ts';
import { bytes, inMebibytes } from '../../../model/units.ts';
import {
  type CollectorPrediction,
  type OnsetRate,
  assistRate,
  crossoverRate,
  predictCollector,
} from '../../models/garbage-collector/predict-collector.ts';
import { type KnownCollector, gogcText } from '../../models/garbage-collector/known-collector.ts';
import { percentText } from '../../percent-text.ts';
import { type GogcOff, judgeGogcOff } from './gogc-off.ts';
import { type LimitChoice, chooseMemoryLimit, headroomShare, mostOfContainer } from './memory-limit.ts';

export interface CollectorQuestion {
  readonly collector: KnownCollector;
  /** Of the container. */
  readonly containerBytes: number;
  readonly requestsPerSecond: number;
  /** Share of all processors that collections may take; null: as little as the memory allows. */
  readonly cpuBudget: number | null;
  /** Whether nothing but this process lives in the container. */
  readonly exclusive: boolean;
}

export type Predicted = Extract<CollectorPrediction, { readonly status: 'predicted' }>;

export type CollectorSizing =
  | {
      readonly status: 'sized';
      readonly gogcPercent: number;
      readonly limit: LimitChoice;
      readonly predicted: Predicted;
      readonly pareto: readonly ParetoRow[];
      /** GOGC from which on 10 % more memory save less than 1 % of the processors; null: not up to 500. */
      readonly enoughGogcPercent: number | null;
      /** Null where none was asked for, GC CPU is not known, or its interval holds the budget. */
      readonly meetsBudget: boolean | null;
      readonly crossover: OnsetRate | null;
      readonly assists: OnsetRate | null;
      readonly gogcOff: GogcOff;
      readonly doubts: readonly SizingDoubt[];
    }
  | {
      readonly status: 'refused';
      readonly code: 'thrash' | 'beyond-measured-range' | 'memory-unknown';
      readonly reason: string;
      readonly limit: LimitChoice;
    };

export interface ParetoRow {
  readonly gogcPercent: number;
  readonly predicted: Predicted;
}

export interface SizingDoubt {
  readonly code:
    | 'budget-missed'
    | 'budget-undecided'
    | 'limit-at-work'
    | 'gogc-extrapolated'
    | 'rate-extrapolated'
    | 'non-go-unknown'
    | 'memory-limit-tight'
    | 'assists';
  readonly message: string;
}

/**
 * GOGC and GOMEMLIMIT for a container: the limit from what the container leaves, as an emergency brake; GOGC as large as the
 * expected peak stays below 85 % of it, and its interval below all of it, between 50 and 500 (the bounds of ByteDance's gctuner).
 */
export function sizeCollector(question: CollectorQuestion): CollectorSizing {
  const { collector, containerBytes, requestsPerSecond } = question;
  const limit = chooseMemoryLimit(containerBytes, collector.observations);
  const { memoryLimitBytes } = limit;
  const refuse = (code: Extract<CollectorSizing, { status: 'refused' }>['code'], reason: string): CollectorSizing => ({
    status: 'refused',
    code,
    reason,
    limit,
  });
  if (collector.model.peak === null || collector.model.nonHeap === null)
    return refuse('memory-unknown', 'the runs do not tell the memory of the runtime, so no limit can be chosen');
  const at = (gogcPercent: number): CollectorPrediction =>
    predictCollector(collector, { gogcPercent, memoryLimitBytes, requestsPerSecond });
  const least = at(leastGogc);
  if (least.status === 'beyond-range') return refuse('beyond-measured-range', least.reason);
  if (least.status === 'thrash') return refuse('thrash', least.reason + roomNeeded(question, limit));
  const live = least.liveHeap?.estimate ?? 0;
  const nonHeap = collector.model.nonHeap.base;
  if (live * safeHeap + nonHeap > memoryLimitBytes)
    return refuse(
      'thrash',
      `the live heap leaves less than half of itself as room to allocate in: collections would follow each other${roomNeeded(question, limit)}`,
    );
  const gogcPercent = largestGogc((gogc) => fits(at(gogc), memoryLimitBytes));
  const predicted = at(gogcPercent);
  if (predicted.status !== 'predicted') return refuse('thrash', predicted.reason);
  const pareto = paretoOf(at, gogcPercent);
  const meetsBudget = judgeBudget(predicted.gcCpuShare, question.cpuBudget);
  return {
    status: 'sized',
    gogcPercent,
    limit,
    predicted,
    pareto,
    enoughGogcPercent: enoughOf(pareto),
    meetsBudget,
    crossover: crossoverRate(collector, { gogcPercent, memoryLimitBytes }),
    assists: assistRate(collector, { gogcPercent, memoryLimitBytes }),
    gogcOff: judgeGogcOff(question.exclusive, collector.observations, at(Infinity)),
    doubts: doubtsOf(question, limit, gogcPercent, predicted, meetsBudget),
  };
}

function judgeBudget(share: Estimate | null, budget: number | null): boolean | null {
  if (share === null || budget === null) return null;
  return share.high <= budget ? true : share.low > budget ? false : null;
}

/** The container that would leave half of the live heap as room; nothing where more memory alone does not help. */
function roomNeeded({ collector, requestsPerSecond }: CollectorQuestion, { nonGoBytes }: LimitChoice): string {
  const free = predictCollector(collector, { gogcPercent: 100, memoryLimitBytes: Infinity, requestsPerSecond });
  if (free.status !== 'predicted' || free.liveHeap === null) return '';
  const limit = free.liveHeap.high * safeHeap + (collector.model.nonHeap?.base ?? 0);
  const container = Math.max(limit / mostOfContainer, (limit + (nonGoBytes ?? 0)) / (1 - headroomShare(nonGoBytes)));
  return `; a container of ${Math.ceil(inMebibytes(bytes(container)))} MiB would leave half of it`;
}

const fits = (prediction: CollectorPrediction, limit: number): boolean =>
  prediction.status === 'predicted' &&
  prediction.peakRuntimeBytes !== null &&
  prediction.peakRuntimeBytes.estimate <= limit * mostOfLimit &&
  prediction.peakRuntimeBytes.high < limit;

/** Memory rises with GOGC, so bisection finds the largest whole per cent; the least where none fits. */
function largestGogc(fitting: (gogcPercent: number) => boolean): number {
  if (fitting(mostGogc)) return mostGogc;
  let [low, high] = [leastGogc, mostGogc];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fitting(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function paretoOf(at: (gogcPercent: number) => CollectorPrediction, recommended: number): readonly ParetoRow[] {
  const settings = [...new Set([...paretoSettings, recommended])].toSorted((one, other) => one - other);
  return settings.flatMap((gogcPercent): readonly ParetoRow[] => {
    const predicted = at(gogcPercent);
    return predicted.status === 'predicted' ? [{ gogcPercent, predicted }] : [];
  });
}

function enoughOf(pareto: readonly ParetoRow[]): number | null {
  const found = pareto.find(({ predicted }, index) => {
    const next = pareto[index + 1]?.predicted;
    const [memory, more] = [predicted.peakRuntimeBytes?.estimate, next?.peakRuntimeBytes?.estimate];
    const [cpu, less] = [predicted.gcCpuShare?.estimate, next?.gcCpuShare?.estimate];
    if (memory === undefined || more === undefined || cpu === undefined || less === undefined) return false;
    const steps = Math.log(more / memory) / Math.log1p(memoryStep);
    return steps <= 0 || (cpu - less) / steps < worthwhile;
  });
  return found?.gogcPercent ?? null;
}

function doubtsOf(
  { collector, requestsPerSecond, cpuBudget }: CollectorQuestion,
  limit: LimitChoice,
  gogcPercent: number,
  predicted: Predicted,
  meetsBudget: boolean | null,
): readonly SizingDoubt[] {
  const doubts: SizingDoubt[] = [];
  const { memoryLimitBytes } = limit;
  if (meetsBudget === false && cpuBudget !== null)
    doubts.push({
      code: 'budget-missed',
      message: `${shareText(predicted.gcCpuShare)} of the processors for collections are more than ${percentText(cpuBudget)}: it takes more memory, fewer allocations per request, or more instances`,
    });
  if (meetsBudget === null && cpuBudget !== null && predicted.gcCpuShare !== null)
    doubts.push({
      code: 'budget-undecided',
      message: `whether collections stay below ${percentText(cpuBudget)} of the processors is not decided: ${percentText(predicted.gcCpuShare.low)} to ${percentText(predicted.gcCpuShare.high)}; longer stages, or the next run at this setting, tell`,
    });
  if (!fits(predicted, memoryLimitBytes))
    doubts.push({
      code: 'limit-at-work',
      message: `even at GOGC=${gogcPercent} the peak may reach the limit, which is then more than an emergency brake: more memory, or a lower rate per instance`,
    });
  if ((predicted.liveHeap?.high ?? 0) * safeHeap + (collector.model.nonHeap?.base ?? 0) > memoryLimitBytes)
    doubts.push({
      code: 'memory-limit-tight',
      message: 'at the upper end of its interval the live heap leaves less than half of itself as room to allocate in',
    });
  const measured = collector.observations.map(({ settings }) => settings.gogcPercent).filter(Number.isFinite);
  const [lowest, highest] = [Math.min(...measured), Math.max(...measured)];
  if (gogcPercent > highest * gogcReach || gogcPercent < lowest / gogcReach)
    doubts.push({
      code: 'gogc-extrapolated',
      message: `GOGC=${gogcText(gogcPercent)} is far from what was measured (${gogcText(lowest)} to ${gogcText(highest)}): the next run at this very setting decides`,
    });
  if (requestsPerSecond > collector.highestRate)
    doubts.push({
      code: 'rate-extrapolated',
      message: `the highest measured stage answered ${rateText(collector.highestRate)}: straight lines are drawn on from there`,
    });
  if (limit.nonGoBytes === null)
    doubts.push({
      code: 'non-go-unknown',
      message:
        'memory that the runtime does not count (the binary, C code, mappings) was not measured: a head-room of 10 % has to do for it',
    });
  if (predicted.assists === true)
    doubts.push({
      code: 'assists',
      message: 'goroutines will have to help marking when they allocate, which makes requests slower',
    });
  return doubts;
}

const shareText = (share: Estimate | null): string => (share === null ? 'unknown' : percentText(share.estimate));

const leastGogc = 50;
const mostGogc = 500;
/** The limit is for emergencies: the expected peak stays below this part of it, and its interval below all of it. */
const mostOfLimit = 0.85;
const safeHeap = 1.5;
const paretoSettings = [50, 75, 100, 150, 200, 300, 400, 500];
const memoryStep = 0.1;
const worthwhile = 0.01;
/** Times the highest measured GOGC, or of the lowest. */
const gogcReach = 1.5;
