import type { Evidence, Finding } from '../../../model/finding.ts';
import { milliseconds } from '../../../model/units.ts';
import { frameText } from '../../profiles/own-site.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { type ClientWait, clientWait } from '../client-calls.ts';
import { validHolds } from '../valid-holds.ts';
import { waitEstimate } from '../wait-estimate.ts';
import { makeFinding } from './make-finding.ts';

const id = 'slow-dependency';

/** Waiting per request that is much where it makes most of the response time. */
const slow = milliseconds(100);
/** Of the response time's median. */
const most = 0.5;

/**
 * Calls of another service that make up most of the response time. Witnesses: the block profile, in which a call waits for
 * its answer, and the response times that the client saw.
 */
export const slowDependency = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'validity', 'figures', 'stageCaptures'],
  wants: [],
  answer: ({ plan, environment, traffic, validity, figures, stageCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const seen = validHolds({ plan, validity, traffic }).flatMap((hold) => {
      const wait = clientWait(stageCaptures, hold, environment.target.modulePath, 'answer');
      const response = figures[hold.index]?.stage.responseTimeMs;
      const slowest = response?.['0.9']?.estimate ?? null;
      if (wait === null || wait.perRequestMs < slow) return [];
      return [{ hold, wait, slowest: slowest !== null && slowest >= most * wait.perRequestMs ? slowest : null }];
    });
    const [worst] = seen.toSorted((one, other) => other.wait.perRequestMs - one.wait.perRequestMs);
    return worst === undefined ? [] : [findingOf(worst.hold.index, worst.wait, worst.slowest)];
  },
});

function findingOf(stage: number, wait: ClientWait, slowest: number | null): Finding {
  const place = frameText(wait.site);
  const evidence: Evidence[] = [
    {
      source: 'pprof:block',
      statement: `wait for answers per request, in calls of ${place}`,
      value: wait.perRequestMs,
      unit: 'ms',
      stage,
    },
  ];
  if (slowest !== null)
    evidence.push({
      source: 'client',
      statement: 'p90 of the response time, which holds this wait',
      value: slowest,
      unit: 'ms',
      stage,
    });
  const text = {
    id,
    title: 'Another service takes most of the response time',
    recommendation: `Look at what ${place} calls: its own latency at this load, a timeout shorter than what users wait, calls side by side instead of one after another, a cache. It would be refuted by an answer of that service as slow without any load.`,
  };
  return makeFinding(text, { severity: 'warning', evidence, estimate: waitEstimate(wait) });
}
