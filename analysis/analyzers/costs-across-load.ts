import { type EpochMilliseconds, type PerSecond, after, between, milliseconds } from '../../model/units.ts';
import { type CostAcrossLoad, type ProfiledStage, costAcrossLoad } from '../profiles/cost-across-load.ts';
import { costTypes } from '../profiles/sample-weights.ts';
import type { StageCapture } from '../profiles/stage-captures.ts';
import { Completions } from '../traffic/completions.ts';
import type { DecodedTraffic, EndpointTraffic } from '../traffic/decode-traffic.ts';
import { type Question, defineAnalyzer } from './analyzer.ts';
import { type MeasuredLevel, measuredLevels } from './measured-levels.ts';

/** Part of a profile's time that has to lie in its stage. */
const within = 0.9;

/**
 * What functions cost per request and how it goes with the rate, for each kind of cost that was profiled in some stage.
 * Only valid holds that the service kept up with are looked at: what it costs to be overloaded is no law of the rate.
 *
 * @param at the rate at which costs are predicted; null: the highest of the stages
 */
export const costsAcrossLoad = (at: PerSecond | null = null): Question<readonly CostAcrossLoad[]> =>
  defineAnalyzer({
    name: 'costs-across-load',
    needs: ['plan', 'environment', 'traffic', 'figures', 'validity', 'stageCaptures'],
    wants: [],
    answer: ({ plan, environment, traffic, figures, validity, stageCaptures }): readonly CostAcrossLoad[] => {
      const levels = measuredLevels(plan, traffic, figures, validity);
      const answered = new Answered(traffic);
      return costTypes.flatMap((type): CostAcrossLoad[] => {
        const captures = stageCaptures.filter((each) => each.type === type);
        if (captures.length === 0) return [];
        const stages = captures.map((capture) => profiledStage(capture, levels, traffic, answered));
        const profiled = stages.flatMap((each) => ('profile' in each ? [each] : []));
        const highest = Math.max(0, ...profiled.map(({ ratePerSecond }) => ratePerSecond));
        return [
          costAcrossLoad(
            profiled,
            { type, modulePath: environment.target.modulePath, atPerSecond: at ?? highest },
            stages.flatMap((each) => ('profile' in each ? [] : [each])),
          ),
        ];
      });
    },
  });

type LeftOut = CostAcrossLoad['leftOut'][number];

function profiledStage(
  { stage, content }: StageCapture,
  levels: readonly MeasuredLevel[],
  traffic: DecodedTraffic,
  answered: Answered,
): ProfiledStage | LeftOut {
  const level = levels.find(({ index }) => index === stage);
  if (level === undefined) return { stage, reason: 'no valid hold' };
  if (!level.steady) return { stage, reason: 'the service did not keep up' };
  if (content.status !== 'captured') return { stage, reason: content.reason };
  const { profile, from, to } = content.value;
  if (shareInside(level, traffic, from, to) < within) return { stage, reason: 'its profile tells of other stages too' };
  const requests = answered.all(from, to);
  if (requests === 0) return { stage, reason: 'no request was answered while it was profiled' };
  const endpointRequests = answered.byEndpoint(from, to);
  return { stage, ratePerSecond: level.rate, requests, endpointRequests, durationMs: between(from, to), profile };
}

function shareInside(
  { traffic: { startMs, stage } }: MeasuredLevel,
  { measurement: { startedAt } }: DecodedTraffic,
  from: EpochMilliseconds,
  to: EpochMilliseconds,
): number {
  const start = after(startedAt, startMs);
  const end = after(start, stage.durationMs);
  const inside = milliseconds(Math.max(0, Math.min(to, end) - Math.max(from, start)));
  return to > from ? inside / between(from, to) : 0;
}

/** Requests answered between two instants. */
class Answered {
  readonly #all: Completions;
  readonly #byEndpoint: ReadonlyMap<string, Completions>;

  constructor(traffic: DecodedTraffic) {
    this.#all = new Completions(traffic);
    const names = new Set(traffic.stages.flatMap(({ endpoints }) => endpoints.map(({ name }) => name)));
    this.#byEndpoint = new Map([...names].map((name) => [name, new Completions(onlyEndpoint(traffic, name))]));
  }

  all(from: EpochMilliseconds, to: EpochMilliseconds): number {
    return this.#all.in(from, to);
  }

  byEndpoint(from: EpochMilliseconds, to: EpochMilliseconds): ReadonlyMap<string, number> {
    return new Map([...this.#byEndpoint].map(([name, completions]) => [name, completions.in(from, to)]));
  }
}

const nothing = (all: EndpointTraffic): EndpointTraffic => ({ ...all, seconds: [], steady: [] });

function onlyEndpoint(traffic: DecodedTraffic, wanted: string): DecodedTraffic {
  return {
    ...traffic,
    stages: traffic.stages.map((stage) => ({
      ...stage,
      all: stage.endpoints.find(({ name }) => name === wanted) ?? nothing(stage.all),
    })),
  };
}
