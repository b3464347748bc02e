import type { OpenStage } from '../model/load-profile.ts';
import type { Plan } from '../model/plan.ts';
import type { Milliseconds, PerSecond } from '../model/units.ts';
import { planConnections } from './plan-connections.ts';
import { steadyWindows } from './steady-windows.ts';

export interface TrialWishes {
  readonly rate: PerSecond;
  readonly duration: Milliseconds;
  /** Before the trial, at its rate, never judged; null: none, the target is warm. */
  readonly warmUp: Milliseconds | null;
  /** Where the target is by now. */
  readonly url: string;
  readonly seed: number;
}

/**
 * One trial of a search: a rate that is held, against a target that is there. Beside rate and connections it is as the
 * search's plan says, but overload is what a trial may be about, so errors and latency don't end it, and profiles, which
 * would slow what is measured, are none.
 */
export function planTrial(plan: Plan, { rate, duration, warmUp, url, seed }: TrialWishes): Plan {
  const { loadProfile, connections, collect, abortRules } = plan;
  if (loadProfile.kind !== 'open') throw new TypeError('a search needs an open loop');
  const hold: OpenStage = {
    name: `${Number(rate.toPrecision(6))}/s`,
    kind: 'hold',
    startPerSecond: rate,
    endPerSecond: rate,
    durationMs: duration,
  };
  const stages =
    warmUp === null ? [hold] : [{ ...hold, name: 'warm-up', kind: 'warm-up' as const, durationMs: warmUp }, hold];
  const profile = { ...loadProfile, stages };
  const { keepAlive, requestTimeoutMs, tls, count, reason } = connections;
  return {
    ...plan,
    seed,
    target: { kind: 'attach', url, readyPath: null, readyTimeoutMs: plan.target.readyTimeoutMs },
    loadProfile: profile,
    steadyWindows: steadyWindows(stages),
    connections: planConnections(
      profile,
      reason === 'as asked for' ? count : 'auto',
      keepAlive,
      requestTimeoutMs,
      plan.objectives,
      tls,
    ),
    collect: { ...collect, pprof: null, gctrace: false },
    abortRules: { ...abortRules, errorRatio: null, latencyMs: null },
    warnings: [],
  };
}
