import type { ObjectiveResult } from '../../model/finding.ts';
import type { Objective } from '../../model/objective.ts';
import type { Plan } from '../../model/plan.ts';
import { type Milliseconds, percent, ratio } from '../../model/units.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';
import { type LatenessEffect, latenessEffect, punctualAtBest } from '../traffic/punctual-at-best.ts';
import { meets } from './decide.ts';

/** How one objective was judged on one stage. */
export type Judgement = Pick<ObjectiveResult, 'status' | 'measured' | 'reason'>;

/**
 * A judgement of a stage in which the generator was late. Response times count from the due time, so lateness can only
 * make them worse: what holds nevertheless, holds. A miss stands where it would be one under a punctual generator, too;
 * where lateness may explain it, it is undecided.
 *
 * @param again judges a changed objective on a changed stage
 */
export function allowForLateness(
  objective: Objective,
  stage: StageTraffic,
  { connections }: Plan,
  seen: Judgement,
  again: (objective: Objective, stage: StageTraffic) => Judgement,
): Judgement {
  if (seen.status !== 'fail') return seen;
  const effect = latenessEffect(stage, tailOf(objective));
  if (effect === null) return seen;
  const stands =
    objective.kind === 'throughput'
      ? !reachable(objective, stage, effect.delayMs, seen)
      : again(eased(objective, effect), punctualAtBest(stage, effect.delayMs, connections.queueLimit)).status ===
        'fail';
  return stands ? seen : { ...seen, status: 'inconclusive', reason: explanation(objective, effect.delayMs) };
}

/** Share of the requests that a time may exceed; of objectives that are not about times, that of a p99. */
function tailOf(objective: Objective): number {
  if (objective.kind === 'latency-quantile') return 1 - objective.quantile;
  return objective.kind === 'within' ? 1 - objective.limit : percent(1);
}

/** So much easier that requests which were held up by more than is allowed for don't count. */
function eased(objective: Objective, { beyond }: LatenessEffect): Objective {
  if (objective.kind === 'latency-quantile') return { ...objective, quantile: objective.quantile - beyond };
  return objective.kind === 'within'
    ? { ...objective, limit: ratio(Math.max(0, objective.limit - beyond)) }
    : objective;
}

/** Of the answers to requests due in the window's end, those that lateness moved behind it are missing. */
function reachable(
  objective: Extract<Objective, { kind: 'throughput' }>,
  { window }: StageTraffic,
  delay: Milliseconds,
  { measured }: Judgement,
): boolean {
  const lost = 1 + delay / Math.max(1, window.toMs - window.fromMs);
  return measured !== null && meets(measured.high * lost, objective.comparison, objective.limitPerSecond);
}

function explanation({ kind }: Objective, delay: Milliseconds): string {
  return kind === 'errors'
    ? 'requests that piled up behind a stall of the generator were dropped: that may explain the miss'
    : `the generator was late, which may have added ${Number(delay.toPrecision(2))} ms: that may explain the miss`;
}
