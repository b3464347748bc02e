import type { HoldModel } from '../analysis/sizing/pool/hold-model.ts';
import { rateText } from '../model/rate-text.ts';
import { formatLatency } from '../reports/format-quantity.ts';
import { databaseOf, holdModelOf } from './pool-bounds.ts';
import type { PoolOfRuns } from './pool-of-run.ts';

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

export function measuredPoolFigures(measured: MeasuredPool | null): MeasuredPoolFigures | null {
  if (measured === null) return null;
  return {
    runs: measured.runs,
    pool: measured.pool,
    stages: measured.holds.map(({ inUse, hold, holdBy, run, maxOpen, stage, name, ...rates }) => ({
      run,
      maxOpen,
      stage,
      name,
      requestsPerSecond: rates.requestsPerSecond,
      acquisitionsPerSecond: rates.acquisitionsPerSecond,
      inUse: measuredBy('mean of the readings; batches of consecutive ones', inUse),
      holdMs: measuredBy(
        holdBy === 'little' ? "Little's law: in use / acquisitions per second" : 'timed by the exporter; batches',
        hold,
      ),
    })),
  };
}

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
