import {
  type RunMetricName,
  isLatencyMetric,
  isRunMetric,
  runMetricNames,
  runMetrics,
} from '../../model/run-metrics.ts';
import type { Proportion } from '../statistics/difference-of-proportions.ts';
import { unpairedDifference } from '../statistics/unpaired-difference.ts';
import { type Change, type FamilyMember, type MetricComparison, compareFamily } from './compare-family.ts';
import { practicalThreshold } from './compare-samples.ts';
import { type ComparisonVerdict, alpha, leastRuns, overallVerdict } from './judge-change.ts';
import { type RunSample, type StageSample, shiftQuantiles } from './run-sample.ts';

/** A change of errors or shed requests of less than this share of the due ones does not matter. */
export const proportionThreshold = 0.001;

export interface CompareRunsOptions {
  /** The i-th runs of both arms were made together. */
  readonly paired: boolean;
  /** Null: all. */
  readonly metrics: readonly RunMetricName[] | null;
  /** Indices; null: all hold stages. */
  readonly stages: readonly number[] | null;
}

/** A metric of one stage. */
export interface RunMetricComparison extends MetricComparison {
  readonly name: RunMetricName;
  readonly stage: ComparedStage;
  readonly timedFrom: TimedFrom | null;
}

/** Where a time begins: a response time when the request was due, a service time when its first byte was written. */
export type TimedFrom = 'due-time' | 'first-byte';

export interface ComparedStage {
  readonly index: number;
  readonly name: string;
  /** Requests per second as planned, or users. */
  readonly load: number;
}

/** How the response times of a stage moved, from the fast ones to the tail; described, not tested. */
export interface StageShift {
  readonly stage: ComparedStage;
  readonly timedFrom: TimedFrom;
  readonly points: readonly { readonly quantile: number; readonly differenceMs: Change }[];
}

export const comparisonWarnings = [
  'insufficient-replication',
  'too-many-metrics',
  'arms-one-after-another',
  'run-left-out',
  'stage-left-out',
  'generator-late',
  'stage-limited',
  'not-collected',
  'values-missing',
] as const;

export interface RunsWarning {
  readonly code: (typeof comparisonWarnings)[number];
  readonly message: string;
}

export interface RunsComparison {
  readonly metrics: readonly RunMetricComparison[];
  readonly shift: readonly StageShift[];
  readonly verdict: ComparisonVerdict;
  readonly runs: { readonly base: readonly string[]; readonly candidate: readonly string[] };
  readonly warnings: readonly RunsWarning[];
}

/**
 * Two arms of runs of the same plan, stage by stage and metric by metric; the run is the unit, so one run an arm decides
 * nothing. Whether they may be compared at all is for `unlikeFields` to say first.
 *
 * What was not measured as planned takes no part: runs that did not end as planned and invalid stages. Where a stage was
 * limited in any run its throughput is compared in place of its response times; where the generator was late in any, service
 * times are, which hold none of its lateness.
 */
export function compareRuns(
  base: readonly RunSample[],
  candidate: readonly RunSample[],
  options: CompareRunsOptions,
): RunsComparison {
  const pairs = pairsOf(base, candidate, options.paired);
  const warnings: RunsWarning[] = [...leftOut([...base, ...candidate])];
  const stages = stagesOf([...base, ...candidate], options.stages).map((stage) => cellsOf(stage, pairs));
  const members = stages.flatMap((cells) => {
    warnings.push(...cells.warnings);
    return membersOf(cells, options);
  });
  warnings.push(...notCollected(members, options.metrics));
  const counted = members.filter(({ base: left, candidate: right }) => left.length + right.length > 0);
  const compared = compareFamily(counted);
  const metrics = counted.flatMap(({ name, stage, timedFrom }, index): readonly RunMetricComparison[] => {
    const metric = compared[index];
    return metric === undefined ? [] : [{ ...metric, name, stage, timedFrom }];
  });
  warnings.push(...missingValues(metrics, pairs), ...tooFew(pairs, metrics), ...oneAfterAnother(pairs));
  return {
    metrics,
    shift: stages.flatMap(shiftOf),
    verdict: overallVerdict(metrics.map(({ verdict }) => verdict)),
    runs: { base: pairs.base.map(({ id }) => id), candidate: pairs.candidate.map(({ id }) => id) },
    warnings,
  };
}

interface Arms {
  readonly base: readonly RunSample[];
  readonly candidate: readonly RunSample[];
  readonly paired: boolean;
}

const endedAsPlanned = ({ outcome }: RunSample): boolean => outcome.status === 'completed';

/** Runs that ended as planned; of pairs both or none. @throws RangeError for pairs of unequal numbers */
function pairsOf(base: readonly RunSample[], candidate: readonly RunSample[], paired: boolean): Arms {
  if (!paired) return { base: base.filter(endedAsPlanned), candidate: candidate.filter(endedAsPlanned), paired };
  if (base.length !== candidate.length)
    throw new RangeError(`${base.length} and ${candidate.length} runs make no pairs`);
  const kept = [...base.entries()].filter(
    ([at, run]) => endedAsPlanned(run) && candidate.slice(at, at + 1).every(endedAsPlanned),
  );
  return {
    base: kept.map(([, run]) => run),
    candidate: kept.flatMap(([at]) => candidate[at] ?? []),
    paired,
  };
}

function leftOut(runs: readonly RunSample[]): readonly RunsWarning[] {
  return runs.flatMap(({ id, outcome }): readonly RunsWarning[] =>
    outcome.status === 'completed'
      ? []
      : [{ code: 'run-left-out', message: `${id} ${outcome.status}: ${outcome.reason}` }],
  );
}

/** All hold stages there are, by index. */
function stagesOf(runs: readonly RunSample[], wanted: readonly number[] | null): readonly ComparedStage[] {
  const found = new Map<number, ComparedStage>();
  for (const { index, name, load } of runs.flatMap(({ stages }) => stages))
    if (wanted === null || wanted.includes(index)) found.set(index, { index, name, load });
  return [...found.values()].toSorted((left, right) => left.index - right.index);
}

/** One stage in all runs: null where a run has no valid one. Of pairs the arms stay in step. */
interface StageCells {
  readonly stage: ComparedStage;
  readonly base: readonly (StageSample | null)[];
  readonly candidate: readonly (StageSample | null)[];
  readonly limited: boolean;
  readonly timedFrom: TimedFrom;
  readonly warnings: readonly RunsWarning[];
}

function cellsOf(stage: ComparedStage, arms: Arms): StageCells {
  const warnings: RunsWarning[] = [];
  const late: string[] = [];
  const cell = ({ id, stages }: RunSample): StageSample | null => {
    const seen = stages.find(({ index }) => index === stage.index);
    if (seen === undefined || seen.validity.status !== 'valid') {
      const why = seen === undefined ? 'was not measured' : `is invalid: ${seen.validity.reasons.join(', ')}`;
      warnings.push({ code: 'stage-left-out', message: `stage ${stage.index} of ${id} ${why}` });
      return null;
    }
    if (seen.late) late.push(id);
    return seen;
  };
  const base = arms.base.map(cell);
  const candidate = arms.candidate.map(cell);
  const limited = [...base, ...candidate].some((seen) => seen?.limited === true);
  if (limited)
    warnings.push({
      code: 'stage-limited',
      message: `stage ${stage.index} did not keep up with its load in every run: its throughput is compared, its response times would be those of its length`,
    });
  if (late.length > 0 && !limited)
    warnings.push({
      code: 'generator-late',
      message: `the generator was late in stage ${stage.index} of ${late.join(', ')}: there service times are compared, from the first byte written, which hold none of its lateness and no waiting for a connection`,
    });
  return { stage, base, candidate, limited, timedFrom: late.length > 0 ? 'first-byte' : 'due-time', warnings };
}

type RunMember = FamilyMember & Pick<RunMetricComparison, 'name' | 'stage' | 'timedFrom'>;

function membersOf(cells: StageCells, { paired, metrics }: CompareRunsOptions): readonly RunMember[] {
  return runMetricNames
    .filter((name) => (metrics === null ? !(name === 'shed' && nothingShed(cells)) : metrics.includes(name)))
    .filter(
      (name) => !(cells.limited && isLatencyMetric(name)) && !(name === 'throughput' && throughputTellsNothing(cells)),
    )
    .map((name): RunMember => {
      const { unit, direction, effect } = runMetrics[name];
      const values = cells.limited && name === 'throughput' ? limitedThroughput(cells) : valuesOf(cells, name);
      const inStep = paired ? pairsOfValues(values) : withoutGaps(values);
      return {
        name,
        stage: cells.stage,
        timedFrom: isLatencyMetric(name) ? cells.timedFrom : null,
        unit,
        direction,
        practicalThreshold: effect === 'ratio' ? practicalThreshold : proportionThreshold,
        paired,
        ...inStep,
        counts: effect === 'difference' ? countsOf(cells, name) : null,
      };
    });
}

interface Values {
  readonly base: readonly (number | null)[];
  readonly candidate: readonly (number | null)[];
}

/** It would only make the family larger; both arms are looked at alike, so that it favours none. */
const nothingShed = ({ base, candidate }: StageCells): boolean =>
  [...base, ...candidate].every((seen) => (seen?.shed.hits ?? 0) === 0);

/** Where no run was at its limit an open loop's throughput is the load that was put on. */
const throughputTellsNothing = ({ base, candidate }: StageCells): boolean =>
  [...base, ...candidate].every((seen) => (seen?.figures.throughput ?? null) === null);

function valuesOf({ base, candidate, timedFrom }: StageCells, name: RunMetricName): Values {
  const of = (seen: StageSample | null): number | null =>
    (timedFrom === 'first-byte' && isLatencyMetric(name) ? seen?.serviceTimeMs[name] : seen?.figures[name]) ?? null;
  return { base: base.map(of), candidate: candidate.map(of) };
}

const completedOf = (seen: StageSample | null): number | null => seen?.completedPerSecond ?? null;

/** Those that kept up did what was asked of them: their throughput counts beside that of those which did not. */
function limitedThroughput({ base, candidate }: StageCells): Values {
  return { base: base.map(completedOf), candidate: candidate.map(completedOf) };
}

function withoutGaps({ base, candidate }: Values): Pick<FamilyMember, 'base' | 'candidate'> {
  return { base: base.filter((value) => value !== null), candidate: candidate.filter((value) => value !== null) };
}

function pairsOfValues({ base, candidate }: Values): Pick<FamilyMember, 'base' | 'candidate'> {
  const pairs = base.flatMap((value, at) => {
    const other = candidate[at] ?? null;
    return value === null || other === null ? [] : [{ value, other }];
  });
  return { base: pairs.map(({ value }) => value), candidate: pairs.map(({ other }) => other) };
}

function countsOf({ base, candidate }: StageCells, name: RunMetricName): NonNullable<FamilyMember['counts']> {
  const sum = (cells: readonly (StageSample | null)[]): Proportion => {
    const seen = cells.flatMap((each) => (each === null ? [] : [name === 'shed' ? each.shed : each.errors]));
    return {
      hits: seen.reduce((all, { hits }) => all + hits, 0),
      trials: seen.reduce((all, { trials }) => all + trials, 0),
    };
  };
  return { base: sum(base), candidate: sum(candidate) };
}

function notCollected(members: readonly RunMember[], asked: readonly RunMetricName[] | null): readonly RunsWarning[] {
  const byName = Map.groupBy(members, ({ name }) => name);
  const names = [...byName].flatMap(([name, list]) =>
    list.every(({ base, candidate }) => base.length + candidate.length === 0) ? [name] : [],
  );
  if (names.length === 0) return [];
  const wanted = asked === null ? '' : ', although asked for';
  return [{ code: 'not-collected', message: `measured in no run${wanted}: ${names.join(', ')}` }];
}

function missingValues(metrics: readonly RunMetricComparison[], arms: Arms): readonly RunsWarning[] {
  return (['base', 'candidate'] as const).flatMap((arm) =>
    metrics
      .filter((metric) => metric[arm].runs < arms[arm].length)
      .map((metric) => ({
        code: 'values-missing',
        message: `${metric.name} at stage ${metric.stage.index} is known of ${metric[arm].runs} of ${arms[arm].length} runs of the ${arm}`,
      })),
  );
}

function tooFew({ base, candidate }: Arms, metrics: readonly RunMetricComparison[]): readonly RunsWarning[] {
  const fewest = Math.min(base.length, candidate.length);
  if (fewest < leastRuns)
    return [
      {
        code: 'insufficient-replication',
        message: `insufficient replication: ${runsText(base.length)} of the base and ${runsText(candidate.length)} of the candidate; how much runs differ from one another is known from ${leastRuns} of each on, and 8 to 10 find small changes`,
      },
    ];
  const ratios = metrics.filter(({ ratio, base: { median } }) => ratio !== null && median !== null && median > 0);
  return ratios.length > 0 && ratios.every(({ minimumDetectableEffect }) => minimumDetectableEffect === null)
    ? [
        {
          code: 'too-many-metrics',
          message: `${metrics.length} metrics of ${fewest} runs an arm: after the correction for so many no change, however large, would be found; make more runs, or name the metrics and stages that decide`,
        },
      ]
    : [];
}

const runsText = (count: number): string => `${count} ${count === 1 ? 'run' : 'runs'}`;

/** A machine that gets slower over the hours would be taken for the candidate. */
function oneAfterAnother({ base, candidate }: Arms): readonly RunsWarning[] {
  if (base.length < 2 || candidate.length < 2) return [];
  const [first, second] = [base, candidate].map((arm) => arm.map(({ startedAt }) => startedAt));
  if (first === undefined || second === undefined) return [];
  const apart = Math.max(...first) < Math.min(...second) || Math.max(...second) < Math.min(...first);
  return apart
    ? [
        {
          code: 'arms-one-after-another',
          message:
            'all runs of one arm were made before those of the other: what else changed in that time counts as a change; alternate them',
        },
      ]
    : [];
}

function shiftOf(cells: StageCells): readonly StageShift[] {
  if (cells.limited) return [];
  const { stage, timedFrom } = cells;
  const clock = timedFrom === 'first-byte' ? 'service' : 'response';
  const points = shiftQuantiles.flatMap((quantile, at) => {
    const { base, candidate } = withoutGaps({
      base: cells.base.map((seen) => seen?.quantilesMs[clock][at] ?? null),
      candidate: cells.candidate.map((seen) => seen?.quantilesMs[clock][at] ?? null),
    });
    return base.length === 0 || candidate.length === 0
      ? []
      : [{ quantile, differenceMs: unpairedDifference(base, candidate, 1 - alpha) }];
  });
  return points.length === 0 ? [] : [{ stage, timedFrom, points }];
}

/** Names as typed, or null where one is none. */
export function metricNamesOf(names: readonly string[]): readonly RunMetricName[] | null {
  const known = names.filter(isRunMetric);
  return known.length === names.length ? known : null;
}
