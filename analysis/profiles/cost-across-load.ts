import type { CodeOrigin } from './code-origin.ts';
import { type CostAtStage, type CostLaw, costLaw, fewestSamples, samplesIn, surelyGrows } from './cost-law.ts';
import { type Amount, type CostOfFunction, type ProfileCosts, functionCosts, noAmount } from './function-costs.ts';
import { placeText } from './place-text.ts';
import type { Profile } from './profile.ts';
import { type CostType, costUnit } from './sample-weights.ts';

/** A profile of a stage, with the requests that were answered while it ran. */
export interface ProfiledStage {
  readonly stage: number;
  readonly ratePerSecond: number;
  readonly requests: number;
  /** Of `requests`, by endpoint. */
  readonly endpointRequests: ReadonlyMap<string, number>;
  /** What was sampled between two instants so far apart. */
  readonly durationMs: number;
  readonly profile: Profile;
}

export interface CostQuestion {
  readonly type: CostType;
  /** Of the service; null where it is not known. */
  readonly modulePath: string | null;
  /** The rate at which costs are predicted. */
  readonly atPerSecond: number;
}

/** What functions cost per request, over the rate. */
export interface CostAcrossLoad {
  readonly type: CostType;
  /** Of all costs: CPU and waiting in ms, memory in bytes. */
  readonly unit: 'ms' | 'B';
  readonly atPerSecond: number;
  /** In the order of their rates; the lists of `CostLaw` have theirs. */
  readonly stages: readonly {
    readonly stage: number;
    readonly ratePerSecond: number;
    readonly requests: number;
    readonly durationMs: number;
  }[];
  readonly leftOut: readonly { readonly stage: number; readonly reason: string }[];
  readonly total: CostLaw;
  /** All that cost something: the largest predicted cost as a site first. */
  readonly functions: readonly FunctionAcrossLoad[];
  readonly labels: readonly LabelAcrossLoad[];
}

export interface FunctionAcrossLoad {
  readonly name: string;
  readonly origin: CodeOrigin;
  readonly file: string;
  /** The line with the most of its cost; null where not known. */
  readonly line: number | null;
  /** Both as they are shown. */
  readonly place: string | null;
  readonly flat: CostLaw;
  readonly cumulative: CostLaw;
  /** As the innermost function of own code, see `functionCosts`. */
  readonly site: CostLaw;
  /** Whether its cost as a site grows beyond what chance makes of so many functions. */
  readonly surelyGrows: boolean;
}

/** Costs by the values of a pprof label. */
export interface LabelAcrossLoad {
  readonly key: string;
  readonly values: readonly {
    readonly value: string;
    /** What its cost is divided by: the requests of the endpoint of that name, or all where there is none. */
    readonly requestsOf: 'endpoint' | 'all';
    readonly cost: CostLaw;
  }[];
}

/** A label with more values than this tells requests apart, not endpoints. */
const mostLabelValues = 50;

/**
 * Cost per request of every function in the profiles of stages, and how it goes with the rate.
 *
 * @param profiled stages whose profile does not hold such a cost are left out
 */
export function costAcrossLoad(
  profiled: readonly ProfiledStage[],
  question: CostQuestion,
  leftOut: CostAcrossLoad['leftOut'] = [],
): CostAcrossLoad {
  const read = profiled
    .toSorted((one, other) => one.ratePerSecond - other.ratePerSecond)
    .map((stage) => ({ stage, costs: functionCosts(stage.profile, question.type, question.modulePath) }));
  const known = read.flatMap(({ stage, costs }) => (costs === null ? [] : [{ stage, costs }]));
  const across = new StagesOfCosts(known, question.atPerSecond);
  return {
    type: question.type,
    unit: costUnit(question.type),
    atPerSecond: question.atPerSecond,
    stages: known.map(({ stage: { stage, ratePerSecond, requests, durationMs } }) => ({
      stage,
      ratePerSecond,
      requests,
      durationMs,
    })),
    leftOut: [
      ...leftOut,
      ...read.flatMap(({ stage: { stage }, costs }) =>
        costs === null ? [{ stage, reason: `its profile holds no ${question.type}` }] : [],
      ),
    ].toSorted((one, other) => one.stage - other.stage),
    total: across.law(({ costs }) => costs.total),
    functions: across.functions(),
    labels: across.labels(),
  };
}

interface StageCosts {
  readonly stage: ProfiledStage;
  readonly costs: ProfileCosts;
}

class StagesOfCosts {
  readonly #stages: readonly StageCosts[];
  readonly #at: number;

  constructor(stages: readonly StageCosts[], atPerSecond: number) {
    this.#stages = stages;
    this.#at = atPerSecond;
  }

  law(amountOf: (stage: StageCosts) => Amount): CostLaw {
    return costLaw(this.#points(amountOf), this.#at);
  }

  #points(
    amountOf: (stage: StageCosts) => Amount,
    requestsOf: (stage: ProfiledStage) => number = ({ requests }) => requests,
  ): readonly CostAtStage[] {
    return this.#stages.map((each) => ({
      value: amountOf(each).value,
      variance: amountOf(each).variance,
      requests: requestsOf(each.stage),
      ratePerSecond: each.stage.ratePerSecond,
    }));
  }

  functions(): readonly FunctionAcrossLoad[] {
    const names = [...new Set(this.#stages.flatMap(({ costs }) => [...costs.functions.keys()]))];
    // Of the others nothing is ever said to grow, so that they take nothing away from these.
    const sites = names.filter((name) => samplesIn(this.#points(costOf(name, 'site'))) >= fewestSamples).length;
    return names.map((name) => this.#function(name, sites)).toSorted(bySite);
  }

  #function(name: string, sites: number): FunctionAcrossLoad {
    const seen = this.#stages.flatMap(({ costs }) => costs.functions.get(name) ?? []);
    const file = seen.find((each) => each.file !== '')?.file ?? '';
    const line = mostOf(seen);
    return {
      name,
      origin: seen[0]?.origin ?? 'standard',
      file,
      line,
      place: placeText(file, line),
      flat: this.law(costOf(name, 'flat')),
      cumulative: this.law(costOf(name, 'cumulative')),
      site: this.law(costOf(name, 'site')),
      surelyGrows: surelyGrows(this.#points(costOf(name, 'site')), sites),
    };
  }

  labels(): readonly LabelAcrossLoad[] {
    const keys = [...new Set(this.#stages.flatMap(({ costs }) => [...costs.labels.keys()]))].toSorted();
    return keys.flatMap((key): LabelAcrossLoad[] => {
      const values = [...new Set(this.#stages.flatMap(({ costs }) => [...(costs.labels.get(key)?.keys() ?? [])]))];
      if (values.length > mostLabelValues) return [];
      return [{ key, values: values.map((value) => this.#label(key, value)).toSorted(byPrediction) }];
    });
  }

  #label(key: string, value: string): LabelAcrossLoad['values'][number] {
    const isEndpoint = this.#stages.every(({ stage }) => (stage.endpointRequests.get(value) ?? 0) > 0);
    const points = this.#points(
      ({ costs }) => costs.labels.get(key)?.get(value) ?? noAmount,
      ({ requests, endpointRequests }) => (isEndpoint ? (endpointRequests.get(value) ?? 0) : requests),
    );
    return { value, requestsOf: isEndpoint ? 'endpoint' : 'all', cost: costLaw(points, this.#at) };
  }
}

const costOf =
  (name: string, kind: 'flat' | 'cumulative' | 'site') =>
  ({ costs }: StageCosts): Amount =>
    costs.functions.get(name)?.[kind] ?? noAmount;

/** What a cost is ranked by: its prediction, or where there is none what it was at the highest rate. */
export const expectedCost = ({ predicted, stages }: CostLaw): number =>
  predicted?.estimate ?? stages.at(-1)?.perRequest ?? 0;

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const bySite = (one: FunctionAcrossLoad, other: FunctionAcrossLoad): number =>
  expectedCost(other.site) - expectedCost(one.site) ||
  expectedCost(other.cumulative) - expectedCost(one.cumulative) ||
  byText(one.name, other.name);

const byPrediction = (one: LabelAcrossLoad['values'][number], other: LabelAcrossLoad['values'][number]): number =>
  expectedCost(other.cost) - expectedCost(one.cost) || byText(one.value, other.value);

/** The line with the most of a function's cost, in all stages together. */
function mostOf(seen: readonly CostOfFunction[]): number | null {
  const sums = new Map<number, number>();
  for (const { lines } of seen)
    for (const [line, value] of lines) if (line > 0) sums.set(line, (sums.get(line) ?? 0) + value);
  return [...sums].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}
