import { type Milliseconds, type PerSecond, milliseconds, rateOf, seconds } from '../../../model/units.ts';
import type { PoolChurn } from './pool-churn.ts';

/** How long connections of a pool should live. */
export interface IdleSettings {
  /** Idle connections kept: as many as may be open, so that none is closed to be opened again. */
  readonly maxIdle: number;
  readonly maxIdleTime: Milliseconds;
  readonly maxLifetime: Milliseconds;
  /** Added at random, so that those opened together do not all end together. */
  readonly lifetimeJitter: Milliseconds;
  /** Reconnects per second that the lifetime alone makes: connections / mean lifetime. */
  readonly reconnectsPerSecond: PerSecond;
}

/**
 * Idle connections and lifetimes for a pool of so many. The number of idle ones follows from the pool; the two times are
 * conventions, long enough that reconnects do not count (`reconnectsPerSecond` says how many there are), short enough that
 * a pool follows a database that moved. A measured time of opening one raises the lifetime until opening takes no more
 * than `mostDialling` of it.
 */
export function idleSettings(connections: number, churn: readonly PoolChurn[]): IdleSettings {
  const slowest = Math.max(0, ...churn.flatMap(({ dialMs }) => dialMs ?? []));
  const maxLifetime = milliseconds(Math.max(usualLifetime, Math.ceil(slowest / mostDialling / minute) * minute));
  const lifetimeJitter = milliseconds(maxLifetime / 10);
  return {
    maxIdle: connections,
    maxIdleTime: usualIdleTime,
    maxLifetime,
    lifetimeJitter,
    reconnectsPerSecond: rateOf(connections, milliseconds(maxLifetime + lifetimeJitter / 2)),
  };
}

const minute = seconds(60);
/** Longer than a lull between two bursts. */
const usualIdleTime = milliseconds(5 * minute);
/** Half of the default of pgxpool and PgBouncer, an hour. */
const usualLifetime = milliseconds(30 * minute);
const mostDialling = 0.001;

/** What the churn of a run says against its idle settings: the setting that closes connections, and how often. */
export interface ChurnCause {
  readonly setting: 'max-idle' | 'max-idle-time' | 'max-lifetime';
  readonly stage: string;
  readonly perSecond: PerSecond;
  /** Of all acquisitions. */
  readonly share: number;
}

/**
 * Settings that make a loaded pool close and open connections: in its worst stage more than `mostChurn` of all acquisitions
 * end in closing a connection. Empty where there are none; null where no stage tells.
 */
export function churnCauses(churn: readonly PoolChurn[]): readonly ChurnCause[] | null {
  const causes = (
    [
      ['max-idle', 'maxIdleClosed'],
      ['max-idle-time', 'maxIdleTimeClosed'],
      ['max-lifetime', 'maxLifetimeClosed'],
    ] as const
  ).map(([setting, field]) =>
    churn.flatMap(({ name, acquisitionsPerSecond, [field]: closed }): ChurnCause[] =>
      closed === null
        ? []
        : [{ setting, stage: name, perSecond: closed.perSecond, share: closed.perSecond / acquisitionsPerSecond }],
    ),
  );
  if (causes.every((list) => list.length === 0)) return null;
  return causes
    .flatMap((list) => list.toSorted((one, other) => other.share - one.share).slice(0, 1))
    .filter(({ share }) => share > mostChurn);
}

const mostChurn = 0.01;
