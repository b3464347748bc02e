import type { Evidence, Finding } from '../../../model/finding.ts';
import { type EpochMilliseconds, between, inSeconds } from '../../../model/units.ts';
import { type GoroutineGroup, goroutineGroups } from '../../profiles/goroutine-groups.ts';
import { frameText } from '../../profiles/own-site.ts';
import type { StateCapture } from '../../profiles/state-captures.ts';
import { countRatio } from '../../statistics/count-ratio.ts';
import { Completions } from '../../traffic/completions.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { changeOverRun } from '../change-over-run.ts';
import { confidence } from '../latency-quantiles.ts';
import { loadEnd } from '../valid-holds.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const id = 'goroutine-leak';
const question = {
  id,
  title: 'Goroutines stay behind',
  recommendation: 'Take goroutine profiles at rest, after each stage and after the load.',
};

/** Fewer goroutines than this, or this share of those at rest, are no leak yet. */
const fewest = 10;
const fewestShare = 0.05;
/** Of what there was at the end of the load, the share that has to be left after the cool-down. */
const left = 0.95;
/** The last stage has to add at least this share of what a request adds on average: a pool that fills adds less and less. */
const stillGrowing = 0.5;
/** A stage of fewer requests tells nothing of growth. */
const fewestRequests = 50;

/** Goroutines that wait for the next request of a connection, by design. */
const idleByDesign =
  /^(net\/http\.\(\*(conn|persistConn|connReader|Transport|http2)|net\/http\/|database\/sql\.\(\*DB\)|runtime\.|os\/signal\.)/;

interface Growth {
  readonly group: GoroutineGroup;
  /** At rest, at the end of each stage, and after the cool-down. */
  readonly atRest: number;
  readonly stages: readonly { readonly requests: number; readonly count: number }[];
  readonly after: number;
}

/**
 * Goroutines by the function they began with, counted at rest, after each stage and after the load: a leak grew with the
 * requests in every stage, and is still there when nothing is left to do. Witnesses: the profiles, and the runtime's own
 * number of goroutines before and after the load.
 */
export const goroutineLeak = defineAnalyzer({
  name: id,
  needs: ['plan', 'traffic', 'environment', 'stateCaptures'],
  wants: ['signals'],
  answer: ({ plan, traffic, environment, stateCaptures, signals }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const { goroutines } = stateCaptures;
    const [atRest, cool] = [
      goroutines.find(({ label }) => label === 'baseline'),
      goroutines.findLast(({ label }) => label === 'cool-down'),
    ];
    const stages = goroutines.filter(({ label }) => label === 'stage');
    if (atRest === undefined || cool === undefined || stages.length < 2)
      return [notApplicable(question, 'goroutine profiles at rest, after two stages and after the load')];
    const completions = new Completions(traffic);
    const requestsUntil = (at: EpochMilliseconds): number => completions.in(traffic.measurement.startedAt, at);
    const leaks = growths(atRest, stages, cool, environment.target.modulePath, requestsUntil)
      .filter(isLeak)
      .toSorted((one, other) => other.after - other.atRest - (one.after - one.atRest));
    const waited = inSeconds(between(loadEnd(traffic), cool.at));
    const grown = changeOverRun(signals?.scheduler.goroutines ?? null, loadEnd(traffic));
    return leaks.slice(0, mostLeaks).map((leak) => findingOf(leak, waited, grown));
  },
});

/** More than these are one cause in several places. */
const mostLeaks = 3;

function growths(
  atRest: StateCapture,
  stages: readonly StateCapture[],
  cool: StateCapture,
  modulePath: string | null,
  requestsUntil: (at: EpochMilliseconds) => number,
): Growth[] {
  const groupsOf = ({ profile }: StateCapture): ReadonlyMap<string, GoroutineGroup> =>
    goroutineGroups(profile, modulePath);
  const [before, last] = [groupsOf(atRest), groupsOf(cool)];
  const later = stages.map((capture) => ({ requests: requestsUntil(capture.at), groups: groupsOf(capture) }));
  return [...last].map(([key, group]) => ({
    group,
    atRest: before.get(key)?.count ?? 0,
    stages: later.map(({ requests, groups }) => ({ requests, count: groups.get(key)?.count ?? 0 })),
    after: group.count,
  }));
}

function isLeak({ group, atRest, stages, after }: Growth): boolean {
  if (group.site === null && idleByDesign.test(group.begunWith)) return false;
  const grown = after - atRest;
  const end = stages.at(-1);
  if (end === undefined || end.requests === 0) return false;
  if (grown < Math.max(fewest, fewestShare * atRest) || after < left * end.count) return false;
  const average = (end.count - atRest) / end.requests;
  const rates = stages.flatMap(({ requests, count }, index) => {
    const before = stages[index - 1] ?? { requests: 0, count: atRest };
    const answered = requests - before.requests;
    return answered < fewestRequests ? [] : [(count - before.count) / answered];
  });
  return rates.length >= 2 && rates.every((rate) => rate > 0) && (rates.at(-1) ?? 0) >= stillGrowing * average;
}

function findingOf({ group, atRest, stages, after }: Growth, waitedSeconds: number, grown: number | null): Finding {
  const end = stages.at(-1) ?? { requests: 1, count: after };
  const place = group.site === null ? group.begunWith : frameText(group.site);
  const perThousand = countRatio(end.count - atRest, end.requests, { per: thousand, confidence });
  const text = {
    id,
    title: `Goroutines of ${shortName(group.begunWith)} stay: ${perThousand.estimate.toPrecision(3)} per 1,000 requests`,
    recommendation: `Let what they wait for (${group.class}) end with the request: a buffered channel, a select on the context, or a timeout at ${place}. It would be refuted by their number falling in a cool-down longer than ${waitedSeconds.toFixed(0)} s.`,
  };
  const source = 'pprof:goroutine';
  const evidence: Evidence[] = [
    { source, statement: `${group.class} in ${place}: at rest`, value: atRest, unit: '1', stage: null },
    {
      source,
      statement: `${group.class} in ${place}: at the end of the load`,
      value: end.count,
      unit: '1',
      stage: null,
    },
    {
      source,
      statement: `${group.class} in ${place}: ${waitedSeconds.toFixed(1)} s after the load`,
      value: after,
      unit: '1',
      stage: null,
    },
  ];
  if (grown !== null && grown >= (after - atRest) / 2)
    evidence.push({
      source: 'go-runtime',
      statement: 'goroutines more after the load than before it',
      value: grown,
      unit: '1',
      stage: null,
    });
  return makeFinding(text, { severity: 'critical', evidence, estimate: perThousand });
}

const thousand = 1000;

const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
