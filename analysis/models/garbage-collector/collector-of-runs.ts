import type { RunRecord } from '../../../model/run-record.ts';
import type { StageAnalysis } from '../../analysis.ts';
import { type KnownCollector, type UnknownCollector, knowCollector } from './known-collector.ts';
import { type ObservedCollector, observeCollector } from './observe-collector.ts';

/** A finished run with the stages of its analysis. */
export interface CollectorRun {
  readonly record: RunRecord;
  readonly stages: readonly StageAnalysis[];
}

/**
 * From runs of one build under different loads and settings to what is known of its collector; `predictCollector` then tells
 * any other cell. Whoever holds cells out leaves their runs away here.
 */
export function collectorOfRuns(
  runs: readonly CollectorRun[],
  options: { readonly resamples?: number; readonly seed?: number } = {},
): {
  readonly collector: KnownCollector | UnknownCollector;
  readonly observed: ObservedCollector;
  /** What the runs should have in common and have not, such as the build: then they are no runs of one service. */
  readonly differences: readonly string[];
} {
  const each = runs.map(({ record, stages }) => observeCollector(record, stages));
  const observed = {
    observations: each.flatMap(({ observations }) => observations),
    missing: each.flatMap(({ missing }) => missing),
  };
  return { observed, collector: knowCollector(observed.observations, options), differences: differencesOf(runs) };
}

/** What a collection costs is of a build, a version of Go and a kind of processor; what is not known is no difference. */
function differencesOf(runs: readonly CollectorRun[]): readonly string[] {
  const values: Readonly<Record<string, readonly (string | null)[]>> = {
    'version of Go': runs.map(({ record }) => record.environment.target.goVersion),
    build: runs.map(({ record }) => record.environment.target.buildId),
    processor: runs.map(({ record }) => record.environment.host.cpuModel),
  };
  return Object.entries(values).flatMap(([name, list]) => {
    const known = [...new Set(list.filter((value) => value !== null))];
    return known.length > 1 ? [`${name}: ${known.join(', ')}`] : [];
  });
}
