import type { FailureKind } from '../../model/measurements.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import { type Milliseconds, after, between, milliseconds, seconds } from '../../model/units.ts';
import type { DecodedTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import type { Restarts } from '../metrics/restarts.ts';
import { arrivalsAskedFor, generatorProcessors, tightestLatency } from '../traffic/stage-plan.ts';
import { mergeValueCounts, timeQuantile } from '../traffic/value-counts.ts';
import { defineAnalyzer } from './analyzer.ts';
import type { StageValidity } from './stage-validity.ts';
import { type ValidityReason, validityReasons } from './validity-reasons.ts';

/** A share of a stage's requests that may go astray before the stage is invalid. */
const tolerated = 0.01;
/** No objective is so loose that a schedule may be later than this, and no timer of 1 ms keeps less than the floor. */
const latestMs = milliseconds(3);
const floorMs = milliseconds(2);
/** Standard deviations by which a Poisson count may miss its mean. */
const poissonSpread = 4;

/**
 * Did the generator do what the plan asked for, so that the stage tells of the target and not of the generator? Where
 * all connections were busy the target made requests wait: that is saturation and no fault. Limits and their sources
 * are in docs/validity-reasons.md.
 */
export const loadFidelity = defineAnalyzer({
  name: 'load-fidelity',
  needs: ['plan', 'traffic'],
  wants: ['restarts', 'outcome'],
  answer: ({ plan, traffic, restarts, outcome }): readonly StageValidity[] =>
    traffic.stages.map((stage) => {
      const cut = completeness(stage, traffic);
      const reasons = [
        ...exclusions(stage),
        ...cut,
        ...accounting(stage, plan, traffic),
        ...(cut.length === 0 || blamesGenerator(outcome) ? generatorHealth(stage, plan) : []),
        ...restartsIn(stage, traffic, restarts),
      ];
      return { status: worst(reasons), reasons };
    }),
});

/** A stage that ended early ended for what ended it; of the generator it tells only where that was the generator. */
function blamesGenerator(outcome: RunOutcome | null): boolean {
  return outcome?.status === 'aborted' && outcome.code === 'generator-late';
}

function worst(reasons: readonly ValidityReason[]): StageValidity['status'] {
  const kinds = reasons.map((reason) => validityReasons[reason]);
  // A warm-up is left out whatever else is wrong with it.
  return kinds.includes('excluded') ? 'excluded' : kinds.includes('invalid') ? 'invalid' : 'valid';
}

function exclusions({ stage }: StageTraffic): ValidityReason[] {
  return stage.kind === 'warm-up' || stage.kind === 'cool-down' ? [stage.kind] : [];
}

function completeness(stage: StageTraffic, { measurement }: DecodedTraffic): ValidityReason[] {
  const lasted = between(measurement.startedAt, measurement.endedAt);
  const end = milliseconds(stage.startMs + stage.stage.durationMs);
  if (lasted <= stage.startMs) return ['stage-not-reached'];
  const reasons: ValidityReason[] = [];
  if (lasted + stage.stage.durationMs * tolerated < end) reasons.push('stage-incomplete');
  // Without a goodbye the lines of its last seconds are lost.
  const lastLine = seconds(Math.max(0, ...measurement.health.map(({ second }) => second + 1)));
  if (!measurement.complete && lastLine <= end) reasons.push('generator-incomplete');
  return reasons;
}

/** Failures of requests that never had a connection to be written to. */
const unsentKinds: readonly FailureKind[] = ['connection-refused', 'connect-timeout', 'dns', 'tls'];

function accounting(
  { all, stage, startMs, failures }: StageTraffic,
  plan: Plan,
  { measurement }: DecodedTraffic,
): ValidityReason[] {
  const { due, sent, done, failed, shed, dropped, inFlight } = all.books;
  if (due === 0) return ['no-traffic'];
  const reasons: ValidityReason[] = [];
  if (due !== done + failed + shed + dropped + inFlight) reasons.push('books-unbalanced');
  // A stage that was cut short on purpose is incomplete; that less was asked and sent is no fault of the schedule.
  if (between(measurement.startedAt, measurement.endedAt) < startMs + stage.durationMs * (1 - tolerated))
    return reasons;
  const asked = arrivalsAskedFor(stage);
  if (asked !== null) {
    const chance =
      plan.loadProfile.kind === 'open' && plan.loadProfile.arrivals === 'poisson'
        ? poissonSpread * Math.sqrt(asked)
        : 0;
    if (Math.abs(due - asked) > Math.max(1, asked * tolerated, chance)) reasons.push('schedule-not-kept');
  }
  const neverSent = unsentKinds.reduce((sum, kind) => sum + (failures[kind] ?? 0), 0);
  // What was in flight at the end may have been waiting, unsent, for a connection; a timeout as well.
  const explained = dropped + inFlight + neverSent + (failures.timeout ?? 0);
  if (due - sent - explained > Math.max(1, due * tolerated) || sent > due || done + shed > sent)
    reasons.push('requests-not-sent');
  return reasons;
}

function generatorHealth(stage: StageTraffic, plan: Plan): ValidityReason[] {
  if (stage.steadyHealth.length === 0) return stage.all.books.due === 0 ? [] : ['generator-health-missing'];
  const reasons: ValidityReason[] = [];
  const limit = latenessLimit(plan);
  const lateness = timeQuantile(mergeValueCounts(stage.steadyHealth.map((second) => second.lateness)), 0.99);
  if (lateness !== null && lateness > limit) reasons.push('generator-late');

  const observed = seconds(stage.steadyHealth.length);
  const busy = sumOf(stage, ({ cpuMs }) => cpuMs) / observed / generatorProcessors(plan);
  if (busy > plan.limits.generatorCpu) reasons.push('generator-busy');

  const stalled = sumOf(stage, ({ stallMaxMs }) => (stallMaxMs > limit ? stallMaxMs : 0));
  if (stalled > observed * tolerated) reasons.push('generator-stalled');

  if (plan.loadProfile.kind === 'open' && waitedBesideIdleConnections(stage))
    reasons.push('generator-idle-connections');
  return reasons;
}

/** 10 % of the tightest latency objective, 2 ms at least; 3 ms without one. Lateness only lengthens response times. */
export function latenessLimit(plan: Plan): Milliseconds {
  const tightest = tightestLatency(plan.objectives);
  return milliseconds(tightest === null ? latestMs : Math.max(floorMs, tightest / 10));
}

/** Whether requests waited (more than a few) or were dropped in seconds in which some connection was idle throughout. */
function waitedBesideIdleConnections(stage: StageTraffic): boolean {
  const idle = stage.steadyHealth.filter(({ health }) => health.inFlightMax < health.connectionsOpen);
  const idleSeconds = new Set(idle.map(({ health }) => health.second));
  const waited = idle.reduce((so, { health }) => so + health.waitedForConnection, 0);
  return (
    waited > stage.all.books.due * tolerated ||
    stage.all.steady.some(({ second, books }) => books.dropped > 0 && idleSeconds.has(second))
  );
}

function sumOf({ steadyHealth }: StageTraffic, of: (line: StageTraffic['health'][number]['health']) => number): number {
  return steadyHealth.reduce((total, second) => total + of(second.health), 0);
}

/** A restart lies between two readings; where these straddle the stage's edge it counts for both sides. */
function restartsIn(stage: StageTraffic, { measurement }: DecodedTraffic, known: Restarts | null): ValidityReason[] {
  const from = after(measurement.startedAt, stage.startMs);
  const to = after(from, stage.stage.durationMs);
  const here = known?.restarts.some((restart) => restart.at > from && restart.after < to) ?? false;
  return here ? ['target-restarted'] : [];
}
