import { type PerSecond, between, rateOf } from '../../../model/units.ts';
import { increaseIn } from '../../metrics/series-window.ts';
import type { PoolSignals } from '../../metrics/pool-signals.ts';
import type { Signal } from '../../metrics/signal.ts';
import type { MeasuredHold } from './measured-hold.ts';

/** What a pool counted while it was loaded. */
export interface Counted {
  readonly count: number;
  readonly perSecond: PerSecond;
}

/** Connections that a pool closed and opened in a stage, by cause. Null: its metrics do not tell. */
export interface PoolChurn {
  readonly stage: number;
  readonly name: string;
  readonly acquisitionsPerSecond: PerSecond;
  /** Given back while as many as may be were idle: SetMaxIdleConns. */
  readonly maxIdleClosed: Counted | null;
  /** Idle for too long: ConnMaxIdleTime. */
  readonly maxIdleTimeClosed: Counted | null;
  /** Open for too long: ConnMaxLifetime. */
  readonly maxLifetimeClosed: Counted | null;
  readonly opened: Counted | null;
  /** Mean time of opening one, ms. */
  readonly dialMs: number | null;
}

/** Churn in each stage that hold times were taken from. */
export function poolChurn(pool: PoolSignals, stages: readonly MeasuredHold[]): readonly PoolChurn[] {
  return stages.flatMap(({ stage, name, acquisitionsPerSecond, batches }) => {
    const [from, to] = [batches[0]?.from, batches.at(-1)?.to];
    if (from === undefined || to === undefined) return [];
    const counted = (signal: Signal | null): Counted | null => {
      const increase = signal === null ? null : increaseIn(signal.series, { from, to });
      return increase === null || increase.resets.length > 0
        ? null
        : { count: increase.value, perSecond: rateOf(increase.value, between(increase.from, increase.to)) };
    };
    const [opened, dialled] = [counted(pool.newConnections), counted(pool.dialMs)];
    return [
      {
        stage,
        name,
        acquisitionsPerSecond,
        maxIdleClosed: counted(pool.maxIdleClosed),
        maxIdleTimeClosed: counted(pool.maxIdleTimeClosed),
        maxLifetimeClosed: counted(pool.maxLifetimeClosed),
        opened,
        dialMs: opened === null || dialled === null || opened.count === 0 ? null : dialled.count / opened.count,
      },
    ];
  });
}
