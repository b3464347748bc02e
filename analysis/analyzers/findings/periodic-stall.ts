import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import { after, inSeconds, milliseconds, seconds } from '../../../model/units.ts';
import { pointsIn } from '../../metrics/series-window.ts';
import type { Signal } from '../../metrics/signal.ts';
import { costsBySite } from '../../profiles/costs-by-site.ts';
import { frameText } from '../../profiles/own-site.ts';
import type { StageCapture } from '../../profiles/stage-captures.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { confidence } from '../latency-quantiles.ts';
import { type Stalls, periodicStalls } from '../periodic-stalls.ts';
import { type ValidHold, validHolds } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'periodic-stall';

/** Of all that a counter counts, the share that has to fall into the seconds of stalls to agree. */
const mostly = 0.7;

/**
 * Seconds with the longest answers that come at equal distances. Witnesses: response times by second, and a counter of the
 * service that counts mostly in the same seconds: waiting for mutexes, CPU time, or stop-the-world time.
 */
export const periodicStall = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'validity'],
  wants: ['signals', 'stageCaptures'],
  answer: ({ plan, environment, traffic, validity, signals, stageCaptures }): readonly Finding[] => {
    const seen = validHolds({ plan, validity, traffic }).flatMap((hold) => {
      const stalls = periodicStalls(hold.stage.all.steady);
      return stalls === null ? [] : [{ hold, stalls }];
    });
    const [worst] = seen.toSorted((one, other) => other.stalls.longestMs - one.stalls.longestMs);
    if (worst === undefined) return [];
    const { hold, stalls } = worst;
    const agreeing = [
      { source: 'go-runtime', what: 'waiting for mutexes', signal: signals?.scheduler.mutexWaitMs ?? null },
      { source: 'process', what: 'CPU time', signal: signals?.process.cpuMs ?? null },
      { source: 'go-runtime', what: 'stop-the-world time', signal: signals?.gc.pauseTotalMs ?? null },
    ].flatMap(({ signal, ...of }) => {
      const share = shareInStalls(signal, hold, stalls, traffic.measurement.startedAt);
      return share === null || share < mostly ? [] : [{ ...of, share }];
    });
    const locked = agreeing.some(({ what }) => what === 'waiting for mutexes');
    const site = locked ? lockHeldIn(stageCaptures ?? [], hold.index, environment.target.modulePath) : null;
    return [findingOf(hold, stalls, agreeing, site)];
  },
});

/** Readings are taken once a second or so: what a stall counted is told by the reading after it. */
const told = seconds(1.5);

function shareInStalls(
  signal: Signal | null,
  { readings }: ValidHold,
  { starts }: Stalls,
  startedAt: ValidHold['readings']['window']['from'],
): number | null {
  if (signal === null) return null;
  const points = pointsIn(signal.series, readings.window);
  let [inside, all] = [0, 0];
  for (const [index, { at, value }] of points.slice(1).entries()) {
    const grown = value - (points[index]?.value ?? value);
    if (grown < 0) return null;
    all += grown;
    const isTold = starts.some((second) => {
      const from = after(startedAt, seconds(second));
      return at >= from && at <= after(from, milliseconds(seconds(1) + told));
    });
    if (isTold) inside += grown;
  }
  return all === 0 ? null : inside / all;
}

function lockHeldIn(captures: readonly StageCapture[], stage: number, modulePath: string | null): string | null {
  const mutex = captures.find((each) => each.stage === stage && each.type === 'mutex');
  if (mutex?.content.status !== 'captured') return null;
  const [most] = costsBySite(mutex.content.value.profile, { value: 'delay', count: 'contentions', modulePath });
  return most !== undefined && most.value > 0 ? frameText(most.site) : null;
}

function findingOf(
  { index: stage }: ValidHold,
  stalls: Stalls,
  agreeing: readonly { readonly source: string; readonly what: string; readonly share: number }[],
  site: string | null,
): Finding {
  const { starts, periodMs, lengthMs, shortestMs, longestMs } = stalls;
  const length: Estimate = {
    estimate: lengthMs,
    low: shortestMs,
    high: longestMs,
    confidence,
    method: `median, least and most of the longest answer in ${starts.length} stalls`,
  };
  const every = inSeconds(periodMs).toFixed(1);
  const evidence: Evidence[] = [
    {
      source: 'client',
      statement: `longest answer of a stall, median of ${starts.length} that came every ${every} s`,
      value: lengthMs,
      unit: 'ms',
      stage,
    },
    ...agreeing.map(({ source, what, share }) => ({
      source,
      statement: `of the ${what} falls into the seconds of stalls${site !== null && what === 'waiting for mutexes' ? `; the lock is given back in ${site}` : ''}`,
      value: share,
      unit: 'ratio',
      stage,
    })),
  ];
  const text = {
    id,
    title: `All answers stall every ${every} s`,
    recommendation: `Look for what the service or its machine does every ${every} s${site === null ? '' : `: ${site} is what others wait for`}; do it in small pieces, or on a copy that is then put in place. It would be refuted by another period in a second run.`,
  };
  return makeFinding(text, { severity: 'warning', evidence, estimate: length });
}
