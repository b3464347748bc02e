import type { Scorecard } from '../analysis.ts';
import type { Between } from '../metrics/histogram-series.ts';
import { defineAnalyzer } from './analyzer.ts';
import { overLimit } from './bucket-decision.ts';
import { upperEnd } from './target-gc.ts';
import type { StageFigures } from './stage-figures.ts';
import type { TargetFigures } from './target-figures.ts';
import type { Objective } from '../../model/objective.ts';
import type { ScorecardLimits } from '../../model/plan.ts';
import { objectiveText } from '../../model/objective-text.ts';
import type { ServerSideShare } from './server-side-answer.ts';

type Row = Scorecard['rows'][number];

/**
 * The four dimensions of requirements S000.1 (latency, resources, dependencies, garbage collection) for every hold and
 * ramp, each value beside its limit. A value that was not collected is unknown, one without a limit is not judged.
 */
export const scorecards = defineAnalyzer({
  name: 'scorecards',
  needs: ['plan', 'figures'],
  wants: ['targets', 'serverSide'],
  answer: ({ plan, figures, targets, serverSide }): readonly Scorecard[] =>
    figures
      .filter(({ stage }) => stage.kind === 'hold' || stage.kind === 'ramp')
      .map((stage) => ({
        stage: stage.stage.index,
        rows: [
          ...latencyRows(stage, plan.limits),
          ...lateRows(stage.stage.index, plan.objectives, serverSide?.shares ?? []),
          ...resourceRows(targets?.[stage.stage.index] ?? null, plan.limits),
          ...dependencyRows(targets?.[stage.stage.index] ?? null, plan.limits),
          ...collectionRows(targets?.[stage.stage.index] ?? null, plan.limits),
        ],
      })),
});

function row(group: Row['group'], name: string, value: number | null, unit: string, limit: number | null): Row {
  const status = value === null ? 'unknown' : limit !== null && value > limit ? 'over' : 'ok';
  return { group, name, value, unit, limit, status };
}

function latencyRows({ stage }: StageFigures, limits: ScorecardLimits): Row[] {
  const { responseTimeMs } = stage;
  return [
    row('latency', 'response time p50', responseTimeMs['0.5']?.estimate ?? null, 'ms', null),
    row('latency', 'response time p99', responseTimeMs['0.99']?.estimate ?? null, 'ms', limits.latencyP99Ms),
    row('latency', 'response time p99.9', responseTimeMs['0.999']?.estimate ?? null, 'ms', null),
  ];
}

/** The share of late requests, which must stay below what `within` allows, by both witnesses. */
function lateRows(stage: number, objectives: readonly Objective[], shares: readonly ServerSideShare[]): Row[] {
  return shares
    .filter((share) => share.stage === stage)
    .flatMap(({ objective, source, server, client }) => {
      const asked = objectives.find((one) => objectiveText(one) === objective);
      const limit = asked?.kind === 'within' ? 1 - asked.limit : null;
      return [
        row('latency', `late by ${objective}, of answered, client`, 1 - client, 'ratio', limit),
        row('latency', `late by ${objective}, of answered, ${source}`, 1 - server, 'ratio', limit),
      ];
    });
}

function resourceRows(figures: TargetFigures | null, limits: ScorecardLimits): Row[] {
  const cores = figures?.target.cpuCores ?? null;
  const available = figures?.target.cpuCoresAvailable ?? null;
  return [
    row('resources', 'CPU', cores === null || available === null ? null : cores / available, 'ratio', limits.cpu),
    row('resources', 'RSS growth per minute', figures?.rssGrowthPerMinute ?? null, 'ratio', limits.rssGrowthPerMinute),
    row('resources', 'goroutines', figures?.peakGoroutines?.estimate ?? null, '1', limits.goroutines),
  ];
}

function dependencyRows(figures: TargetFigures | null, limits: ScorecardLimits): Row[] {
  const pools = figures?.target.pools ?? [];
  if (pools.length === 0) return [row('dependencies', 'pool wait per request', null, 'ms', limits.poolWaitMs)];
  return pools.map(({ name, waitMsPerRequest }) =>
    row('dependencies', `pool wait per request, ${name}`, waitMsPerRequest, 'ms', limits.poolWaitMs),
  );
}

function collectionRows(figures: TargetFigures | null, limits: ScorecardLimits): Row[] {
  return [
    row('garbage-collection', 'GC CPU', figures?.target.gcCpuShare ?? null, 'ratio', limits.gcCpu),
    bucketRow('GC pause p99', figures?.gcPauseP99 ?? null, limits.gcPauseMs),
    bucketRow('scheduling latency p99', figures?.schedulingP99 ?? null, limits.schedulingLatencyMs),
  ];
}

/** The value is the upper end of the bucket; the status is that of the bucket, which may not be known. */
function bucketRow(name: string, bounds: Between | null, limit: number): Row {
  const shown = row('garbage-collection', name, upperEnd(bounds), 'ms', limit);
  return bounds === null ? shown : { ...shown, status: overLimit(bounds, limit) };
}
