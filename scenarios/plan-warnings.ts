import type { EngineName, Plan, PlanWarning } from '../model/plan.ts';
import { rateText } from '../model/rate-text.ts';
import { type PerSecond, eventsIn, inSeconds, milliseconds, perSecond, seconds } from '../model/units.ts';
import { longestAllowed } from './plan-connections.ts';
import { undecidableObjectives } from './undecidable-objectives.ts';

/** Ten requests beyond p99: fewer say nothing about it. */
const requestsForP99 = 1_000;
/** What each engine was measured to hold on one core (docs/methods.md). */
const measuredRate: Readonly<Record<EngineName, PerSecond>> = { autocannon: perSecond(12_000), k6: perSecond(2_000) };
/** Ephemeral ports of a stock Linux, each unusable for a minute after a connection was closed. */
const ephemeralPorts = 28_000;
const portRest = seconds(60);

/** More open connections than this are felt in the target's memory: each has a goroutine and its buffers. */
const feltConnections = 1_000;

/**
 * Too few connections look like a limit of the service: with n of them no more than n / response time requests a second
 * can be under way (Little's law), however fast the service could be.
 */
function connectionWarnings({ loadProfile, connections, objectives }: Plan): PlanWarning[] {
  const warnings: PlanWarning[] = [];
  const { count } = connections;
  if (loadProfile.kind === 'open') {
    const highest = Math.max(
      0,
      ...loadProfile.stages.map((stage) => Math.max(stage.startPerSecond, stage.endPerSecond)),
    );
    const allowed = longestAllowed(objectives);
    const needed = Math.ceil(eventsIn(perSecond(highest), allowed));
    if (needed > count)
      warnings.push({
        code: 'connections-may-limit',
        message: `${count} connections cannot carry ${rateText(highest)} when answers take the ${allowed} ms an objective allows: requests would wait for a connection; --connections ${needed} could`,
      });
  }
  if (count > feltConnections)
    warnings.push({
      code: 'many-connections',
      message: `${count} connections cost the target a goroutine and buffers each, which its memory figures will show`,
    });
  return warnings;
}

/** What the user should know before the run, by code (docs/plan-warnings.md). */
export function planWarnings(plan: Plan): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  const { loadProfile, connections, steadyWindows } = plan;
  if (loadProfile.kind === 'open') {
    const short = loadProfile.stages.filter(({ kind, startPerSecond }, index) => {
      const window = steadyWindows[index];
      return (
        kind === 'hold' &&
        window !== undefined &&
        eventsIn(startPerSecond, milliseconds(window.toMs - window.fromMs)) < requestsForP99
      );
    });
    if (short.length > 0)
      warnings.push({
        code: 'stage-too-short',
        message: `${short.length === 1 ? 'stage' : 'stages'} ${short.map(({ name }) => name).join(', ')}: fewer than ${requestsForP99} requests in the steady window, too few for a p99; hold longer`,
      });
    const highest = Math.max(
      0,
      ...loadProfile.stages.flatMap(({ startPerSecond, endPerSecond }) => [startPerSecond, endPerSecond]),
    );
    const proven = measuredRate[plan.engine.name];
    if (highest > proven)
      warnings.push({
        code: 'rate-not-proven',
        message: `${rateText(highest)} is beyond the ${rateText(proven)} this engine was measured to hold on one core; watch its lateness`,
      });
    if (!connections.keepAlive && eventsIn(perSecond(highest), portRest) > ephemeralPorts)
      warnings.push({
        code: 'ports-may-run-out',
        message: `without keep-alive ${rateText(highest)} uses more ports in ${inSeconds(portRest)} s than there are (about ${ephemeralPorts}); refused connections may be this machine's`,
      });
  }
  warnings.push(...undecidableObjectives(plan), ...connectionWarnings(plan));
  if (plan.objectives.length === 0)
    warnings.push({
      code: 'no-objectives',
      message: 'nothing is asked of the service, so there is neither a verdict nor a water-level; add --objective',
    });
  return warnings;
}
