import type { Evidence, Finding } from '../../../model/finding.ts';
import { frameText } from '../../profiles/own-site.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { type ClientDials, clientDials } from '../client-calls.ts';
import { type ValidHold, validHolds } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'connection-churn';

/** Connections opened per request from which they are not kept. */
const notable = 0.2;

/**
 * Connections to other services that are opened again and again. Witnesses: buffers of new connections in the allocs
 * profile, and the kernel's count of connections that were opened from this network.
 */
export const connectionChurn = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'validity', 'stageCaptures'],
  wants: ['signals'],
  answer: ({ plan, environment, traffic, validity, stageCaptures, signals }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const seen = validHolds({ plan, validity, traffic }).flatMap((hold) => {
      const dials = clientDials(stageCaptures, hold, environment.target.modulePath);
      return dials === null || dials.perRequest.low < notable ? [] : [{ hold, dials }];
    });
    const [worst] = seen.toSorted((one, other) => other.dials.perRequest.estimate - one.dials.perRequest.estimate);
    if (worst === undefined) return [];
    const kernel = worst.hold.readings.perRequest(signals?.sockets.activeOpens ?? null);
    return [findingOf(worst.hold, worst.dials, kernel)];
  },
});

function findingOf({ index: stage }: ValidHold, { perRequest, site }: ClientDials, kernel: number | null): Finding {
  const evidence: Evidence[] = [
    {
      source: 'pprof:allocs',
      statement: `connections of net/http’s client opened per request${site === null ? '' : `; most calls are those of ${frameText(site)}`}`,
      value: perRequest.estimate,
      unit: '1',
      stage,
    },
  ];
  if (kernel !== null && kernel >= perRequest.estimate / 2)
    evidence.push({
      source: 'sockets',
      statement: 'TCP connections opened from this network per request, by the kernel’s count',
      value: kernel,
      unit: '1',
      stage,
    });
  const text = {
    id,
    title: 'Connections to other services are opened again and again',
    recommendation: `Use one http.Client with one Transport for all calls${site === null ? '' : ` of ${frameText(site)}`}, read every answer’s body to its end and close it, and raise MaxIdleConnsPerHost above its default of 2. It would be refuted by a server that closes the connection after each answer.`,
  };
  return makeFinding(text, { severity: 'warning', evidence, estimate: perRequest });
}
