import { fitUsl } from '../../models/scalability/fit-usl.ts';
import { modelContest } from '../../models/scalability/model-contest.ts';
import { describeDoubt } from '../../models/scalability/scalability-doubt.ts';
import { type OpenEstimate, type ScalabilityPoint, measuredRange } from '../../models/scalability/scalability-point.ts';

/** How many connections in use at once the database serves without slowing, as measured. */
export type MeasuredDatabase =
  | { readonly status: 'identified'; readonly servers: OpenEstimate; readonly law: 'hard-limit' | 'usl' }
  | { readonly status: 'not-identified'; readonly reason: string };

/**
 * The connections in use beyond which the database gives no more: of acquisitions per second over connections in use the
 * knee of a hard limit, or the peak of the Universal Scalability Law, where the contest of the laws chooses one of them.
 * Where it chooses neither, the points have not reached it, or do not tell.
 *
 * @param points connections in use and acquisitions per second, one for each stage or pool size
 */
export function measuredDatabase(points: readonly ScalabilityPoint[]): MeasuredDatabase {
  const contest = modelContest(points);
  if (contest.status === 'refused')
    return notIdentified(contest.reasons.map((doubt) => describeDoubt(doubt, 'stage')).join('; '));
  switch (contest.chosen) {
    case 'hard-limit':
      return contest.knee === null
        ? notIdentified('no stage reached a ceiling')
        : { status: 'identified', servers: contest.knee, law: 'hard-limit' };
    case 'usl': {
      const fit = fitUsl(points);
      const peak = fit.status === 'fitted' ? fit.peak : null;
      return peak === null
        ? notIdentified('the peak lies beyond what was measured')
        : { status: 'identified', servers: peak.concurrency, law: 'usl' };
    }
    case 'linear':
    case 'amdahl':
      return notIdentified(
        `up to ${Number(measuredRange(points).most.toPrecision(3))} connections in use more of them still gave more`,
      );
    case null:
      return notIdentified(contest.doubts.map((doubt) => describeDoubt(doubt, 'stage')).join('; '));
    default:
      return contest.chosen satisfies never;
  }
}

const notIdentified = (reason: string): MeasuredDatabase => ({ status: 'not-identified', reason });
