import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import {
  type EpochMilliseconds,
  after,
  between,
  inSeconds,
  milliseconds,
  nanoseconds,
  rateOf,
  seconds,
} from '../../../model/units.ts';
import { increaseIn } from '../../metrics/series-window.ts';
import type { Signal } from '../../metrics/signal.ts';
import { frameText } from '../../profiles/own-site.ts';
import { type SiteCosts, costsBySite } from '../../profiles/costs-by-site.ts';
import type { StageCapture } from '../../profiles/stage-captures.ts';
import { countRatio } from '../../statistics/count-ratio.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { confidence } from '../latency-quantiles.ts';
import { loadEnd } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'busy-poll';

/** Processors in use, or waited for because others have them, although there is nothing to do. */
const notable = 0.5;
/** Of it in use at least: waiting alone is a busy machine. */
const inUse = 0.1;
/** What is in flight when the load ends is over then. */
const rest = seconds(0.5);
/** Stacks of requests: what they cost ends with the load. */
const ofRequest = /^net\/http\.\(\*(conn|http2serverConn)\)\.|^google\.golang\.org\/grpc\.\(\*Server\)/;

/**
 * CPU that is used without any load. Witnesses: the process after the load, and a CPU profile under load with one function
 * outside of requests that takes as much. Collections on idle processors and a scheduler that looks for work take CPU
 * under load only, and have no function of the service.
 */
export const busyPoll = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'signals'],
  wants: ['stageCaptures'],
  answer: ({ plan, environment, traffic, signals, stageCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const quiet = after(loadEnd(traffic), rest);
    const idle = coresAfter(signals.process.cpuMs, quiet);
    const waitedFor = coresAfter(signals.process.runQueueWaitMs, quiet) ?? 0;
    if (idle === null || idle < inUse || idle + waitedFor < notable) return [];
    const seen = (stageCaptures ?? []).flatMap((capture) => pollerIn(capture, environment.target.modulePath) ?? []);
    const [worst] = seen.toSorted((one, other) => other.cores.estimate - one.cores.estimate);
    return [findingOf({ idle, waitedFor }, worst !== undefined && worst.cores.estimate >= idle / 2 ? worst : null)];
  },
});

function coresAfter(signal: Signal | null, from: EpochMilliseconds): number | null {
  const last = signal?.series.at.at(-1);
  if (signal === null || last === undefined || last <= from) return null;
  const increase = increaseIn(signal.series, { from, to: last });
  return increase === null
    ? null
    : inSeconds(milliseconds(rateOf(increase.value, between(increase.from, increase.to))));
}

interface Poller {
  readonly stage: number;
  readonly most: SiteCosts;
  readonly cores: Estimate;
}

function pollerIn({ stage, type, content }: StageCapture, modulePath: string | null): Poller | null {
  if (type !== 'cpu' || content.status !== 'captured') return null;
  const { profile, from, to } = content.value;
  const [most] = costsBySite(profile, {
    value: 'cpu',
    count: 'samples',
    modulePath,
    matches: (frames) => !frames.some((frame) => ofRequest.test(frame.function)),
  });
  if (most === undefined || !(most.count > 0)) return null;
  const perSample = nanoseconds(most.value) / most.count;
  const cores = countRatio(most.count, between(from, to), { per: perSample, confidence });
  return { stage, most, cores: { ...cores, method: `${most.count} samples of a CPU profile as a Poisson count` } };
}

function findingOf(
  { idle, waitedFor }: { readonly idle: number; readonly waitedFor: number },
  poller: Poller | null,
): Finding {
  const evidence: Evidence[] = [
    {
      source: 'process',
      statement: `processors in use after the load; ${waitedFor.toFixed(2)} more were waited for`,
      value: idle,
      unit: '1',
      stage: null,
    },
  ];
  if (poller !== null)
    evidence.push({
      source: 'pprof:cpu',
      statement: `processors taken outside of requests by ${frameText(poller.most.site)}, with what it calls`,
      value: poller.cores.estimate,
      unit: '1',
      stage: poller.stage,
    });
  const place =
    poller === null ? 'the function at the top of a CPU profile taken at rest' : frameText(poller.most.site);
  const text = {
    id,
    title: 'The service takes processors without any load',
    recommendation: `Let ${place} wait instead of asking again and again: a select without default, a blocking receive, a ticker. It would be refuted by a CPU profile at rest without it.`,
  };
  return makeFinding(text, { severity: 'warning', evidence, estimate: poller?.cores ?? null });
}
