import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import { bytes, inMegabytes, inSeconds, seconds } from '../../../model/units.ts';
import { costsBySite } from '../../profiles/costs-by-site.ts';
import { frameText } from '../../profiles/own-site.ts';
import { haveDifference, profileDifference } from '../../profiles/profile-difference.ts';
import type { SiteCosts } from '../../profiles/costs-by-site.ts';
import type { StateCapture } from '../../profiles/state-captures.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { confidence } from '../latency-quantiles.ts';
import { type SteadyGrowth, steadyGrowth } from '../steady-growth.ts';
import { validHolds } from '../valid-holds.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const id = 'heap-leak';

/** MB a minute from which a slope is one, whatever the heap; below it at least this share of the heap a minute. */
const notable = 1;
const least = 0.25;
const notableShare = 0.01;

/**
 * Live heap after collections, over a hold: it grows as fast in the second half as in the first, and what grew is still
 * there after a forced collection when the load is over. A cache that fills bends. Witnesses: the runtime's live heap, and
 * memory in use by heap profiles, which also name the site.
 */
export const heapLeak = defineAnalyzer({
  name: id,
  needs: ['plan', 'traffic', 'validity', 'environment', 'signals', 'stateCaptures'],
  wants: [],
  answer: ({ plan, traffic, validity, environment, signals, stateCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const { liveHeapBytes } = signals.memory;
    if (liveHeapBytes === null)
      return [
        notApplicable(
          {
            id,
            title: 'The live heap grows',
            recommendation: 'Expose /gc/heap/live, or start with GODEBUG=gctrace=1.',
          },
          'live heap after collections',
        ),
      ];
    const growth = steadyGrowth(liveHeapBytes, validHolds({ plan, validity, traffic }), 'at-events');
    if (growth === null || !isNotable(growth)) return [];
    const site = keptBy(stateCaptures.inUse, growth, environment.target.modulePath);
    return [findingOf(growth, site)];
  },
});

const secondsInMinute = 60;
/** Megabytes a minute of bytes a millisecond. */
const perMinute = (slope: number): number => inMegabytes(bytes(slope * seconds(secondsInMinute)));

function isNotable({ low, level }: SteadyGrowth): boolean {
  const lowest = perMinute(low);
  return lowest > notable || (lowest > least && lowest > notableShare * inMegabytes(bytes(level)));
}

interface Kept {
  readonly most: SiteCosts;
  /** Between which two snapshots. */
  readonly minutes: number;
}

/** What was in use more at the end than before the hold, by site; null where the profiles do not tell. */
function keptBy(captures: readonly StateCapture[], { hold }: SteadyGrowth, modulePath: string | null): Kept | null {
  const { from } = hold.readings.window;
  const before = captures.findLast(({ at }) => at <= from) ?? captures[0];
  const last = captures.findLast(({ label }) => label === 'cool-down') ?? captures.at(-1);
  if (before === undefined || last === undefined || !haveDifference(before.profile, last.profile)) return null;
  const added = profileDifference(before.profile, last.profile);
  const [most] = costsBySite(added, { value: 'inuse_space', count: 'inuse_objects', modulePath });
  const { windowMs } = hold;
  return most === undefined || !(most.value > 0) ? null : { most, minutes: inSeconds(windowMs) / secondsInMinute };
}

function findingOf(growth: SteadyGrowth, kept: Kept | null): Finding {
  const { hold, slope, low, high, readings } = growth;
  const stage = hold.index;
  const megabytes: Estimate = {
    estimate: perMinute(slope),
    low: perMinute(low),
    high: perMinute(high),
    confidence,
    method: `Theil–Sen slope of the live heap after ${readings} collections, MB a minute`,
  };
  const perRequest = (slope * seconds(1)) / hold.answeredPerSecond;
  const evidence: Evidence[] = [
    {
      source: 'go-runtime',
      statement: 'the live heap grows, and not slower in the second half of the stage than in its first',
      value: megabytes.estimate,
      unit: 'MB/min',
      stage,
    },
    { source: 'go-runtime', statement: 'bytes per request that stay', value: perRequest, unit: 'B', stage },
  ];
  // Half: heap profiles are samples, of one allocation in 512 KiB.
  const confirmed = kept !== null && inMegabytes(bytes(kept.most.value)) >= (megabytes.estimate * kept.minutes) / 2;
  if (confirmed)
    evidence.push({
      source: 'pprof:heap',
      statement: `in use more after the load than before the stage, allocated in ${frameText(kept.most.site)}`,
      value: inMegabytes(bytes(kept.most.value)),
      unit: 'MB',
      stage,
    });
  const where = confirmed ? frameText(kept.most.site) : 'the site that grows most between two heap profiles';
  const text = {
    id,
    title: `The live heap grows by ${megabytes.estimate.toPrecision(3)} MB a minute at constant load`,
    recommendation: `Find what holds on to the objects of ${where}: a map or list without bound, a timer, a goroutine that stays. It would be refuted by a longer run in which the live heap levels off.`,
  };
  return makeFinding(text, { severity: 'critical', evidence, estimate: megabytes });
}
