import type { NextTrial, SearchOrder } from '../../analysis/search/next-trial.ts';
import { type ShareObjective, shareObjective } from '../../analysis/search/search-objectives.ts';
import { searchDefaults, trialLengths } from '../../analysis/search/next-rate.ts';
import type { Plan } from '../../model/plan.ts';
import { type Milliseconds, parseDuration, parseRate, perSecond, seconds } from '../../model/units.ts';
import { Reasons } from '../../scenarios/reasons.ts';

/** What a search is told beside its plan. */
export type SearchOptions = Omit<SearchOrder, 'limits'> & {
  /** Before the first trial of each process of the target. */
  readonly warmUpMs: Milliseconds;
};

/** The flags of `search` alone, as they are typed. */
export interface SearchFlags {
  readonly from: string;
  readonly to: string;
  readonly budget: string;
  readonly trial: string;
  readonly certify: boolean;
  readonly repeats: number;
  readonly warmUp: string;
}

export const searchFlagDefaults = {
  from: '50',
  to: '100000',
  budget: '15m',
  trial: '30s',
  repeats: 1,
  warmUp: '5s',
} as const;

/** Between two trials: processes start, answers that are still due come in. */
const pause = seconds(4);

/** Flags → options; what is wrong with them goes to `reasons`. */
export function searchOptions(flags: SearchFlags, reasons: Reasons): SearchOptions {
  const rate = (where: string, text: string) => {
    const value = reasons.collect(where, perSecond(1), () => parseRate(text));
    if (value > 0) return value;
    reasons.add(where, 'a rate of 0 sends nothing', `write a rate above 0, such as ${where} 200`);
    return perSecond(1);
  };
  const time = (where: string, text: string, least: Milliseconds, hint: string) => {
    const value = reasons.collect(where, least, () => parseDuration(text));
    if (value < least) reasons.add(where, `${text} is too short`, hint);
    return value;
  };
  const firstRate = rate('--from', flags.from);
  const highestRate = rate('--to', flags.to);
  if (firstRate > highestRate)
    reasons.add('--from', `${flags.from} is above --to ${flags.to}`, 'begin at a rate that the target surely bears');
  const certify = time('--trial', flags.trial, seconds(2), 'write 2s or more, such as 30s');
  const { lengths, leastCertified } = trialLengths(certify);
  const budget = time('--budget', flags.budget, seconds(10), 'write 10s or more, such as 15m');
  if (!Number.isInteger(flags.repeats) || flags.repeats < 1)
    reasons.add('--repeats', `${flags.repeats} searches`, 'write a whole number above 0');
  return {
    settings: {
      ...searchDefaults,
      firstRate,
      highestRate,
      lowestRate: perSecond(Math.min(firstRate, searchDefaults.lowestRate)),
      budget,
      pause,
      lengths,
      leastCertified,
    },
    repeats: flags.repeats,
    certify: flags.certify,
    warmUpMs: reasons.collect('--warm-up', seconds(0), () => parseDuration(flags.warmUp)),
  };
}

/** What is wrong with the plan of a scenario that is to be searched. */
export function refuseForSearch({ objectives, loadProfile, traffic }: Plan, reasons: Reasons): void {
  if (loadProfile.kind === 'closed')
    reasons.add('load', 'a search sets the rate itself, and a closed loop has none', 'write stages with rates');
  if (objectives.length === 0)
    reasons.add('--objective', 'without objectives there is nothing to search for', "write --objective 'p99<200ms'");
  for (const objective of objectives)
    if (traffic.kind === 'k6-script' && objective.endpoint !== null && objective.endpoint !== traffic.endpoints[0])
      reasons.add(
        '--objective',
        `"${objective.endpoint}" is a step of a script, and a search decides by whole iterations`,
        `write it without "${objective.endpoint}:", or judge the step by "plimsoll run" at the rate that was found`,
      );
    else if (shareObjective(objective) === null)
      reasons.add(
        '--objective',
        `${objective.kind} is no share of the requests, by which a search decides`,
        'leave it out, and judge it by "plimsoll run" at the rate that was found',
      );
}

/** The objectives of a plan that `refuseForSearch` has nothing against. */
export const shareObjectives = ({ objectives }: Plan): readonly ShareObjective[] =>
  objectives.flatMap((objective) => shareObjective(objective) ?? []);

export function orderOf(plan: Plan, { settings, repeats, certify }: SearchOptions): SearchOrder {
  const [first, ...others] = shareObjectives(plan).map(({ limit }) => limit);
  if (first === undefined) throw new RangeError('a search needs an objective');
  return { settings, repeats, certify, limits: [first, ...others] };
}

export type TrialToMake = Extract<NextTrial, { kind: 'trial' }>;
