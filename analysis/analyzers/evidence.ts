import type { ObjectiveResult } from '../../model/finding.ts';
import type { CollectorSummary } from '../../model/measurements.ts';
import type { Plan } from '../../model/plan.ts';
import type { Environment, RunOutcome } from '../../model/run-record.ts';
import type { CallTree, ProfileSummary } from '../analysis.ts';
import type { DecodedScrapes } from '../metrics/decode-scrapes.ts';
import type { Restarts } from '../metrics/restarts.ts';
import type { TargetSignals } from '../metrics/target-signals.ts';
import type { CostAcrossLoad } from '../profiles/cost-across-load.ts';
import type { CpuProfileUse } from '../profiles/cpu-profile-use.ts';
import type { StageCapture } from '../profiles/stage-captures.ts';
import type { StateCaptures } from '../profiles/state-captures.ts';
import type { DecodedTraffic } from '../traffic/decode-traffic.ts';
import type { StageValidity } from './stage-validity.ts';
import type { ServerSideAnswer } from './server-side-answer.ts';
import type { TargetFigures } from './target-figures.ts';
import type { StageFigures } from './stage-figures.ts';

/** Everything an analyzer may ask for: what was measured, decoded once, and the answers to earlier questions. */
export interface Evidence {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly environment: Environment;
  readonly traffic: DecodedTraffic;
  readonly collectors: readonly CollectorSummary[];
  readonly profileSummaries: readonly ProfileSummary[];
  readonly callTrees: readonly CallTree[];
  readonly cpuProfiles: readonly CpuProfileUse[];
  readonly stageCaptures: readonly StageCapture[];
  readonly stateCaptures: StateCaptures;
  readonly scrapes: DecodedScrapes;
  readonly signals: TargetSignals;
  readonly restarts: Restarts;
  readonly validity: readonly StageValidity[];
  readonly figures: readonly StageFigures[];
  readonly targets: readonly TargetFigures[];
  readonly objectives: readonly ObjectiveResult[];
  readonly serverSide: ServerSideAnswer;
  readonly costs: readonly CostAcrossLoad[];
}
