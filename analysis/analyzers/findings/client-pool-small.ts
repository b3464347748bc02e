import type { Evidence, Finding } from '../../../model/finding.ts';
import { frameText } from '../../profiles/own-site.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { type ClientWait, clientDials, clientWait } from '../client-calls.ts';
import { waitEstimate } from '../wait-estimate.ts';
import { validHolds } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'client-pool-small';

/** Connections opened per request below which the wait is not for opening one. */
const kept = 0.2;

/**
 * Calls of other services that wait for one of few connections (MaxConnsPerHost). Witnesses: the block profile, and
 * response times that hold this wait.
 */
export const clientPoolSmall = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'validity', 'figures', 'stageCaptures'],
  wants: [],
  answer: ({ plan, environment, traffic, validity, figures, stageCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const { modulePath } = environment.target;
    const seen = validHolds({ plan, validity, traffic }).flatMap((hold) => {
      const wait = clientWait(stageCaptures, hold, modulePath, 'connection');
      if (wait === null || wait.perRequestMs < plan.limits.poolWaitMs) return [];
      const opened = clientDials(stageCaptures, hold, modulePath)?.perRequest.estimate ?? 0;
      return opened >= kept ? [] : [{ hold, wait }];
    });
    const [worst] = seen.toSorted((one, other) => other.wait.perRequestMs - one.wait.perRequestMs);
    if (worst === undefined) return [];
    const { index } = worst.hold;
    return [findingOf(index, worst.wait, figures[index]?.stage.responseTimeMs['0.9']?.estimate ?? null)];
  },
});

function findingOf(stage: number, wait: ClientWait, responseTime: number | null): Finding {
  const place = frameText(wait.site);
  const evidence: Evidence[] = [
    {
      source: 'pprof:block',
      statement: `wait for a connection per request, in calls of ${place}`,
      value: wait.perRequestMs,
      unit: 'ms',
      stage,
    },
  ];
  // Nobody waits longer than the answer takes: a wait that does not fit into the response times is no wait of requests.
  if (responseTime !== null && responseTime >= wait.perRequestMs)
    evidence.push({
      source: 'client',
      statement: 'p90 of the response time, which holds this wait',
      value: responseTime,
      unit: 'ms',
      stage,
    });
  const text = {
    id,
    title: 'Calls of another service wait for one of few connections',
    recommendation: `Raise MaxConnsPerHost of the Transport behind ${place} to calls per second times their length, with room for the scatter, or lift it (0). It would be refuted by waits that stay when it is lifted.`,
  };
  return makeFinding(text, { severity: 'warning', evidence, estimate: waitEstimate(wait) });
}
