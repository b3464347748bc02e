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
): { readonly collector: KnownCollector | UnknownCollector; readonly observed: ObservedCollector } {
  const each = runs.map(({ record, stages }) => observeCollector(record, stages));
  const observed = {
    observations: each.flatMap(({ observations }) => observations),
    missing: each.flatMap(({ missing }) => missing),
  };
  return { observed, collector: knowCollector(observed.observations, options) };
}
