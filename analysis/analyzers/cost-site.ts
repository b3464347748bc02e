import type { Estimate, Evidence } from '../../model/finding.ts';
import { type PerSecond, between, rateOf } from '../../model/units.ts';
import { percentText } from '../percent-text.ts';
import type { CodeOrigin } from '../profiles/code-origin.ts';
import { fewestSamples, samplesOf } from '../profiles/cost-law.ts';
import { type CostOfFunction, functionCosts } from '../profiles/function-costs.ts';
import type { CostType } from '../profiles/sample-weights.ts';
import { placeText } from '../profiles/place-text.ts';
import type { StageCapture } from '../profiles/stage-captures.ts';
import { normalQuantile } from '../statistics/normal-quantile.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { confidence } from './latency-quantiles.ts';

/** The place in the code that costs most in a stage. */
export interface CostSite {
  readonly function: string;
  readonly origin: CodeOrigin;
  /** `orders/price.go:42`, as far as the profile knows. */
  readonly place: string | null;
  /** Of the stage's samples, those below this function; null where they are too few for a share. */
  readonly share: Estimate | null;
  /** Observations: at the site, and all. */
  readonly samples: number;
  readonly allSamples: number;
  /** Milliseconds (bytes of alloc) per second of the profile. */
  readonly perSecond: PerSecond;
}

/**
 * The function of the service's own code below which most of a stage's cost was sampled; of a library where none of its
 * own was on a stack, and of Go where no library was. Null where the stage has no such profile.
 */
export function costSite(
  captures: readonly StageCapture[] | null,
  stage: number,
  type: CostType,
  modulePath: string | null,
): CostSite | null {
  const content = captures?.find((each) => each.stage === stage && each.type === type)?.content;
  if (content?.status !== 'captured') return null;
  const { profile, from, to } = content.value;
  const costs = functionCosts(profile, type, modulePath);
  if (costs === null || costs.total.value === 0) return null;
  const sites = [...costs.functions.values()]
    .filter(({ site }) => site.value > 0)
    .toSorted((one, other) => other.site.value - one.site.value);
  const [site] = ['own', 'library', 'standard'].flatMap(
    (wanted) => sites.find(({ origin }) => origin === wanted) ?? [],
  );
  if (site === undefined) return null;
  const allSamples = samplesOf(costs.total);
  return {
    function: site.name,
    origin: site.origin,
    place: placeOf(site),
    share: allSamples < fewestSamples ? null : shareOf(site.site.value / costs.total.value, allSamples),
    samples: samplesOf(site.site),
    allSamples,
    perSecond: rateOf(site.site.value, between(from, to)),
  };
}

/** Says where: it names the place and is no witness of its own. */
export function siteEvidence(site: CostSite | null, stage: number, type: CostType): Evidence[] {
  if (site === null) return [];
  return [
    {
      source: `pprof:${type === 'alloc' ? 'allocs' : type}`,
      statement: `largest part of ${what[type]}${of[site.origin]}: ${siteText(site)} with what it calls, share ${shareText(site)}`,
      value: site.share?.estimate ?? null,
      unit: site.share === null ? null : 'ratio',
      stage,
    },
  ];
}

/** "of 4,812 samples, 95% interval 61.2 % to 66 %" */
export function shareText({ share, allSamples }: CostSite): string {
  const counted = `of ${Math.round(allSamples)} samples`;
  return share === null
    ? `${counted}, too few for a share`
    : `${counted}, 95% interval ${percentText(share.low)} to ${percentText(share.high)}`;
}

/** `shop.price (orders/price.go:42)` */
export const siteText = ({ function: name, place }: Pick<CostSite, 'function' | 'place'>): string =>
  place === null ? name : `${name} (${place})`;

const of: Readonly<Record<CodeOrigin, string>> = {
  own: ' in the service’s own code',
  library: ' in libraries',
  standard: '',
};

const what: Readonly<Record<CostType, string>> = {
  cpu: 'the CPU',
  alloc: 'what was allocated',
  mutex: 'the waiting for mutexes',
  block: 'the blocking',
};

function shareOf(share: number, samples: number): Estimate {
  return {
    estimate: share,
    ...wilsonInterval(share, samples, normalQuantile((1 + confidence) / 2)),
    confidence,
    method: `binomial over ${Math.round(samples)} samples`,
  };
}

function placeOf({ file, lines }: CostOfFunction): string | null {
  const [line] = [...lines].filter(([number]) => number > 0).toSorted(([, one], [, other]) => other - one)[0] ?? [];
  return placeText(file, line ?? null);
}
