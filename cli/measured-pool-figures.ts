import type { HoldModel } from '../analysis/sizing/pool/hold-model.ts';
import type { SizingQuestion } from '../analysis/sizing/waits/size-servers.ts';
import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { waitsWith } from '../analysis/sizing/waits/waits-with.ts';
import { rateText } from '../model/rate-text.ts';
import { milliseconds } from '../model/units.ts';
import { formatLatency, formatPercent } from '../reports/format-quantity.ts';
import { databaseOf, holdModelOf } from './pool-bounds.ts';
import type { PoolOfRuns, StageOfRun } from './pool-of-run.ts';

/** What a pool's hold time was taken from; null where it was given. */
export type MeasuredPool = PoolOfRuns & { readonly status: 'measured' };

/** A stage that the hold time was taken from, as JSON. */
export interface MeasuredStage {
  readonly run: string;
  /** The pool's size in that run; null where it is unlimited or unknown. */
  readonly maxOpen: number | null;
  readonly stage: number;
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly acquisitionsPerSecond: number;
  readonly inUse: Measured;
  readonly holdMs: Measured;
  /** Of holds that the target times: the same by Little's law, a second witness. */
  readonly holdByLittleMs: Measured | null;
  /** Standard deviation / mean of the hold times; null without a histogram of them. */
  readonly holdVariation: Measured | null;
  /** Mean wait of an acquisition, those that did not wait among them; null where the metrics do not tell. */
  readonly waitMs: WaitBesideModel | null;
  /** Share of acquisitions that waited longer than the objective's limit; only a histogram of the waits tells. */
  readonly overLimit: WaitBesideModel | null;
}

/** What was measured, and what the model says of the same pool under the same load; null: no steady state, or no size. */
export interface WaitBesideModel {
  readonly measured: Measured;
  readonly predicted: number | null;
}

/** How hold times follow the connections in use, as JSON. */
export interface HoldFigures {
  readonly shape: 'flat' | 'rising' | 'undecided' | 'not-identified';
  /** Hold time with the most connections in use / with the fewest. */
  readonly rise: Measured | null;
  /** The connections in use that it holds for. */
  readonly from: number | null;
  readonly to: number | null;
  /** Why the shape, or the number of statements at once, is not told. */
  readonly notes: readonly string[];
}

/** An uncertain number as JSON. */
export interface Measured {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  readonly method: string;
}

export const measuredBy = (method: string, figure: Pick<Measured, 'estimate' | 'low' | 'high'>): Measured => ({
  ...figure,
  confidence: 0.95,
  method,
});

/** The runs' pool and its stages as JSON. */
export interface MeasuredPoolFigures {
  readonly runs: readonly string[];
  readonly pool: string;
  readonly stages: readonly MeasuredStage[];
}

export function measuredPoolFigures(
  measured: MeasuredPool | null,
  asked: Pick<SizingQuestion, 'load' | 'objective'>,
  seed: number,
): MeasuredPoolFigures | null {
  if (measured === null) return null;
  return {
    runs: measured.runs,
    pool: measured.pool,
    stages: measured.holds.map((stage) => ({
      run: stage.run,
      maxOpen: stage.maxOpen,
      stage: stage.stage,
      name: stage.name,
      requestsPerSecond: stage.requestsPerSecond,
      acquisitionsPerSecond: stage.acquisitionsPerSecond,
      inUse: measuredBy('mean of the readings; batches of consecutive ones', stage.inUse),
      holdMs: measuredBy(`${stage.holdFrom}; batches of consecutive readings`, stage.hold),
      holdByLittleMs:
        stage.holdBy === 'timed' ? measuredBy("Little's law: in use / acquisitions per second", stage.little) : null,
      holdVariation:
        stage.variation === null
          ? null
          : measuredBy('all that the buckets and the mean allow; batches of consecutive readings', stage.variation),
      ...waitsOf(stage, asked, seed),
    })),
  };
}

/** The waits that were measured, and those that the model has for the very same pool and load: how far it is to be trusted. */
function waitsOf(
  stage: StageOfRun,
  { load, objective }: Pick<SizingQuestion, 'load' | 'objective'>,
  seed: number,
): Pick<MeasuredStage, 'waitMs' | 'overLimit'> {
  const { wait, waitOver } = stage.reading;
  if (wait === null && waitOver === null) return { waitMs: null, overLimit: null };
  const own: WaitingLoad = {
    ...load,
    arrivalRate: stage.acquisitionsPerSecond,
    serviceTime: milliseconds(stage.hold.estimate),
    serviceCv: stage.variation?.estimate ?? load.serviceCv,
  };
  const { maxOpen } = stage;
  const model =
    maxOpen === null || !Number.isFinite(maxOpen) || busyServers(own) > mostSimulatedErlangs
      ? null
      : waitsWith(own, maxOpen, objective, jobsOfCheck, seed);
  const settled = model !== null && model.settled && model.meanWait !== null;
  return {
    waitMs:
      wait === null
        ? null
        : {
            measured: measuredBy('waited / acquisitions; batches of consecutive readings', wait),
            predicted: settled ? (model.meanWait?.estimate ?? null) : null,
          },
    overLimit:
      waitOver === null
        ? null
        : {
            measured: measuredBy('histogram of the waits; batches of consecutive readings', waitOver),
            predicted: settled ? model.probabilityOver.estimate : null,
          },
  };
}

/** Of one simulated run: a check, not an answer. */
const jobsOfCheck = 10_000;

export function holdFigures(measured: MeasuredPool | null): HoldFigures | null {
  const holds = measured?.holds ?? [];
  const model = holdModelOf(holds);
  if (model === null) return null;
  const database = databaseOf(holds);
  const unknownDatabase =
    database?.status === 'not-identified' ? [`statements at once: not identified (${database.reason})`] : [];
  if (model.status === 'not-identified')
    return {
      shape: 'not-identified',
      rise: null,
      from: null,
      to: null,
      notes: [notIdentified[model.reason], ...unknownDatabase],
    };
  return {
    shape: model.shape,
    rise: measuredBy(holdLaws[model.law], {
      ...model.rise,
      high: Number.isFinite(model.rise.high) ? model.rise.high : null,
    }),
    from: model.from,
    to: model.to,
    notes: unknownDatabase,
  };
}

const holdLaws = {
  line: 'weighted straight line over the connections in use',
  knee: 'level up to a number of connections in use, then in proportion to them; weighted',
} as const;

const notIdentified: Readonly<Record<(HoldModel & { status: 'not-identified' })['reason'], string>> = {
  'too-few-points': 'whether hold times grow: not identified (three stages or runs at least)',
  'range-too-narrow': 'whether hold times grow: not identified (connections in use have to differ by a factor of two)',
};

/** In words: a hold time that is longer in the highest stage than in the lowest, beyond both intervals; null for none. */
export function holdGrowth(measured: MeasuredPool | null): string | null {
  const [first, last] = [measured?.holds[0], measured?.holds.at(-1)];
  if (first === undefined || last === undefined || last.hold.low <= first.hold.high) return null;
  return `hold times grew from ${formatLatency(first.hold.estimate)} at ${rateText(first.requestsPerSecond)} to ${formatLatency(last.hold.estimate)} at ${rateText(last.requestsPerSecond)}: what they wait for slows under load, and more connections may slow it further`;
}

/** In words: a time that the target takes itself and Little's law contradict each other; null where they do not. */
export function holdContradiction(measured: MeasuredPool | null): string | null {
  const odd = measured?.holds.find(
    ({ holdBy, hold, little }) =>
      holdBy === 'timed' && (hold.low > little.high * contradiction || little.low > hold.high * contradiction),
  );
  return odd === undefined
    ? null
    : `${odd.holdFrom}: ${formatLatency(odd.hold.estimate)} in stage ${odd.name}, while connections in use and acquisitions say ${formatLatency(odd.little.estimate)} (Little's law): one of these metrics leaves something out, such as uses that are not timed`;
}

/** Further apart than both intervals and this; the readings in use are taken at instants only. */
const contradiction = 1.1;

/** In words: waits beyond the limit that the model of the very same pool and load does not have; null where it has them. */
export function modelContradiction(figures: MeasuredPoolFigures | null, share: number): string | null {
  const odd = figures?.stages.find(({ overLimit }) => {
    if (overLimit === null || overLimit.predicted === null) return false;
    const { measured, predicted } = overLimit;
    const counts = Math.max(measured.estimate, predicted) > share / 10;
    return counts && ((measured.low ?? 0) > predicted * 2 || (measured.high ?? 1) < predicted / 2);
  });
  if (odd?.overLimit == null) return null;
  const { measured, predicted } = odd.overLimit;
  return `in stage ${odd.name} ${formatPercent(measured.estimate)} of the acquisitions waited longer than the limit, where the model has ${formatPercent(predicted)} for that pool and load: ${measured.estimate > (predicted ?? 0) ? 'arrivals in bursts (--arrival-cv above 1), a hold time that changes, or dials; do not rely on the recommendation without a run at it' : 'arrivals more even than assumed, as those of --arrivals even are (--arrival-cv below 1): the recommendation is rather too large for such a load'}`;
}
