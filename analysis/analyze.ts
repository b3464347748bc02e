import type { Finding } from '../model/finding.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { Analysis, StageAnalysis } from './analysis.ts';
import { analysisDetail } from './analysis-detail.ts';
import { type Known, type Question, answerOf } from './analyzers/analyzer.ts';
import { capacityOf } from './analyzers/whole-capacity.ts';
import { collectWarnings } from './analyzers/collect-warnings.ts';
import { costsAcrossLoad } from './analyzers/costs-across-load.ts';
import { abortStorm } from './analyzers/findings/abort-storm.ts';
import { acceptOverflow } from './analyzers/findings/accept-overflow.ts';
import { cpuThrottled } from './analyzers/findings/cpu-throttled.ts';
import { gcPressure } from './analyzers/findings/gc-pressure.ts';
import { generatorLimited } from './analyzers/findings/generator-limited.ts';
import { globalLock } from './analyzers/findings/global-lock.ts';
import { gomaxprocsMismatch } from './analyzers/findings/gomaxprocs-mismatch.ts';
import { goroutineGrowth } from './analyzers/findings/goroutine-growth.ts';
import { growingCost } from './analyzers/findings/growing-cost.ts';
import { hotFunction } from './analyzers/findings/hot-function.ts';
import { idleInTransaction } from './analyzers/findings/idle-in-transaction.ts';
import { memoryLimitMissing } from './analyzers/findings/memory-limit-missing.ts';
import { poolStarved } from './analyzers/findings/pool-starved.ts';
import { rowLock } from './analyzers/findings/row-lock.ts';
import { shedding } from './analyzers/findings/shedding.ts';
import { slowQuery } from './analyzers/findings/slow-query.ts';
import { busyPoll } from './analyzers/findings/busy-poll.ts';
import { clientPoolSmall } from './analyzers/findings/client-pool-small.ts';
import { coldStart } from './analyzers/findings/cold-start.ts';
import { connectionChurn } from './analyzers/findings/connection-churn.ts';
import { fdLeak } from './analyzers/findings/fd-leak.ts';
import { forcedGc } from './analyzers/findings/forced-gc.ts';
import { goroutineLeak } from './analyzers/findings/goroutine-leak.ts';
import { heapLeak } from './analyzers/findings/heap-leak.ts';
import { periodicStall } from './analyzers/findings/periodic-stall.ts';
import { queryFanOut } from './analyzers/findings/query-fan-out.ts';
import { slowDependency } from './analyzers/findings/slow-dependency.ts';
import { syncLog } from './analyzers/findings/sync-log.ts';
import { tlsFailed } from './analyzers/findings/tls-failed.ts';
import { unexpectedStatus } from './analyzers/findings/unexpected-status.ts';
import { loadFidelity } from './analyzers/load-fidelity.ts';
import { heldAt, objectives } from './analyzers/objectives.ts';
import { serverSideShare } from './analyzers/server-side-share.ts';
import { noTarget } from './analyzers/target-figures.ts';
import { targetPerStage } from './analyzers/target-per-stage.ts';
import { trafficPerStage } from './analyzers/traffic-per-stage.ts';
import { verdict } from './analyzers/verdict.ts';
import { decodeRecord } from './decode-record.ts';

/** Questions about the service, each answered by none or more findings. The order is that of the report. */
const findingQuestions: readonly Question<readonly Finding[]>[] = [
  unexpectedStatus,
  tlsFailed,
  shedding,
  poolStarved,
  rowLock,
  idleInTransaction,
  slowQuery,
  queryFanOut,
  clientPoolSmall,
  connectionChurn,
  slowDependency,
  abortStorm,
  globalLock,
  syncLog,
  cpuThrottled,
  hotFunction,
  growingCost,
  gomaxprocsMismatch,
  acceptOverflow,
  gcPressure,
  forcedGc,
  memoryLimitMissing,
  heapLeak,
  goroutineLeak,
  fdLeak,
  goroutineGrowth,
  busyPoll,
  coldStart,
  periodicStall,
  generatorLimited,
];

export interface AnalyzeOptions {
  /** Bytes of a profile by its name in the run folder; without it profiles are listed, not read. */
  readonly readProfile?: (file: string) => Uint8Array;
}

/**
 * What a run means. Pure: the record is all it knows, so a saved run can be analysed again years later.
 *
 *   record → measurements, decoded once → validity of each stage → figures of each stage → objectives
 *          → limiter and capacity → findings → verdict
 *
 * A measurement that is missing takes away only the answers that need it, and `warnings` says so.
 */
export function analyze(record: RunRecord, options: AnalyzeOptions = {}): Analysis {
  let known: Known = decodeRecord(record, options.readProfile);
  known = { ...known, validity: loadFidelity.ask(known) };
  known = { ...known, figures: trafficPerStage.ask(known), targets: targetPerStage.ask(known) };
  known = { ...known, objectives: objectives.ask(known), serverSide: serverSideShare.ask(known) };
  known = { ...known, costs: costsAcrossLoad().ask(known) };
  const { capacity, warnings } = capacityOf(known);
  return {
    runs: [record.id],
    name: record.plan.name,
    environment: record.environment,
    outcome: record.outcome,
    engine: engineOf(record),
    stages: stagesOf(known),
    capacity,
    findings: findingQuestions.flatMap((question) => answerOf(question.ask(known)) ?? []),
    verdict: answerOf(verdict.ask(known)) ?? { status: 'inconclusive', reasons: ['no verdict'], objectives: [] },
    warnings: [...(answerOf(collectWarnings.ask(known)) ?? []), ...warnings],
    detail: analysisDetail(record, known),
  };
}

function engineOf({ plan, traffic }: RunRecord): Analysis['engine'] {
  return {
    name: plan.engine.name,
    version: traffic.status === 'captured' ? traffic.value.engine.version : null,
    reason: plan.engine.reason,
  };
}

function stagesOf({ figures, validity, targets, objectives: results }: Known): StageAnalysis[] {
  if (figures?.status !== 'captured' || validity?.status !== 'captured') return [];
  return figures.value.map(({ stage }) => ({
    ...stage,
    validity: validity.value[stage.index] ?? { status: 'invalid', reasons: [] },
    target: (targets?.status === 'captured' ? targets.value[stage.index]?.target : undefined) ?? noTarget,
    held: results?.status === 'captured' ? heldAt(results.value, stage.index) : null,
  }));
}
