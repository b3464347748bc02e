import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import { inSeconds, milliseconds, percent, seconds } from '../../../model/units.ts';
import { frameText, ownSite } from '../../profiles/own-site.ts';
import { type StackFrame, sampleStacks } from '../../profiles/sample-stacks.ts';
import type { StateCapture } from '../../profiles/state-captures.ts';
import { countRatio } from '../../statistics/count-ratio.ts';
import type { DecodedTraffic, StageTraffic } from '../../traffic/decode-traffic.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { confidence } from '../latency-quantiles.ts';
import { loadEnd } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'abort-storm';

/** Of the due requests, those that the client gave up. */
const notable = percent(1);
/** A request that was given up may go on for so long. */
const budget = milliseconds(100);
const handler = /^net\/http\.\(\*(conn|http2serverConn)\)\.(serve|runHandler)$/;

/**
 * Requests that the service goes on with although the client has given them up. Witnesses: timeouts that the client
 * counted, and more requests at work in a goroutine profile under load than clients can be waiting for.
 */
export const abortStorm = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'stateCaptures'],
  wants: [],
  answer: ({ plan, environment, traffic, stateCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const { requestTimeoutMs } = plan.connections;
    const seen = stateCaptures.goroutines.flatMap((capture) => {
      const stage = stageAt(capture, traffic);
      if (stage === null || givenUp(stage) <= notable) return [];
      const work = atWork(capture, environment.target.modulePath);
      const rate = stage.all.books.due / inSeconds(stage.stage.durationMs);
      const time = countRatio(work.count, rate, { per: seconds(1), confidence });
      return time.low - requestTimeoutMs < budget ? [] : [{ stage, work, time }];
    });
    const [worst] = seen.toSorted((one, other) => other.time.estimate - one.time.estimate);
    if (worst === undefined) return [];
    const { stage, work, time } = worst;
    const beyond: Estimate = {
      estimate: time.estimate - requestTimeoutMs,
      low: time.low - requestTimeoutMs,
      high: time.high - requestTimeoutMs,
      confidence,
      method: `${work.count} requests at work over requests due per second (Little’s law), less the client’s timeout`,
    };
    const where = work.site === null ? '' : `, most in ${frameText(work.site)}`;
    const evidence: Evidence[] = [
      {
        source: 'client',
        statement: `share of due requests that the client gave up after ${requestTimeoutMs} ms`,
        value: givenUp(stage),
        unit: 'ratio',
        stage: stage.index,
      },
      {
        source: 'pprof:goroutine',
        statement: `requests at work at one instant${where}`,
        value: work.count,
        unit: '1',
        stage: stage.index,
      },
    ];
    const text = {
      id,
      title: 'The service goes on with requests that the client has given up',
      recommendation: `Hand the request’s context on to all that it waits for${work.site === null ? '' : `, at ${frameText(work.site)}`}, and return when it ends: within 100 ms, in the database within 50 ms. It would be refuted where the work has to be done whether somebody waits for it or not.`,
    };
    return [makeFinding(text, { severity: 'warning', evidence, estimate: beyond })];
  },
});

const givenUp = ({ all, failures }: StageTraffic): number => (failures.timeout ?? 0) / Math.max(1, all.books.due);

/** The stage that was under way when a snapshot was taken; null before and after the load. */
function stageAt({ at }: StateCapture, traffic: DecodedTraffic): StageTraffic | null {
  const { startedAt } = traffic.measurement;
  if (at < startedAt || at >= loadEnd(traffic)) return null;
  return traffic.stages.findLast(({ startMs }) => startedAt + startMs <= at) ?? null;
}

function atWork(
  { profile }: StateCapture,
  modulePath: string | null,
): { readonly count: number; readonly site: StackFrame | null } {
  let count = 0;
  let most: { readonly site: StackFrame; readonly goroutines: number } | null = null;
  for (const stack of sampleStacks(profile)) {
    const site = ownSite(stack.frames, modulePath);
    if (site === null || !stack.frames.some((frame) => handler.test(frame.function))) continue;
    const goroutines = stack.value('goroutine');
    count += goroutines;
    if (most === null || goroutines > most.goroutines) most = { site, goroutines };
  }
  return { count, site: most?.site ?? null };
}
