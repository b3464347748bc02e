import {
  type ChurnCause,
  type IdleSettings,
  churnCauses,
  idleSettings,
} from '../analysis/sizing/pool/idle-settings.ts';
import type { PoolChurn } from '../analysis/sizing/pool/pool-churn.ts';
import { type Milliseconds, type PerSecond, seconds } from '../model/units.ts';
import { formatDuration, formatLatency, formatPercent, formatRate } from '../reports/format-quantity.ts';

/** Idle connections, lifetimes and the deadline of an acquisition, as JSON. */
export interface IdleFigures {
  readonly maxIdle: number;
  readonly maxIdleTimeMs: Milliseconds;
  readonly maxLifetimeMs: Milliseconds;
  readonly lifetimeJitterMs: Milliseconds;
  /** That the lifetime alone makes. */
  readonly reconnectsPerSecond: PerSecond;
  /** A deadline on acquisitions at the objective's limit, and the share of them that it turns away. */
  readonly acquireTimeout: { readonly limitMs: Milliseconds; readonly expectedShare: number | null };
  /** What the run's own pool closed and opened; null where its metrics do not tell, or without a run. */
  readonly churn: readonly ChurnFigures[] | null;
  readonly method: string;
}

interface ChurnFigures {
  readonly stage: number;
  readonly name: string;
  readonly maxIdleClosedPerSecond: PerSecond | null;
  readonly maxIdleTimeClosedPerSecond: PerSecond | null;
  readonly maxLifetimeClosedPerSecond: PerSecond | null;
  readonly openedPerSecond: PerSecond | null;
  readonly dialMs: number | null;
}

export function idleFigures(
  connections: number,
  churn: readonly PoolChurn[],
  deadline: IdleFigures['acquireTimeout'],
): IdleFigures {
  const { maxIdle, maxIdleTime, maxLifetime, lifetimeJitter, reconnectsPerSecond } = idleSettings(connections, churn);
  return {
    maxIdle,
    maxIdleTimeMs: maxIdleTime,
    maxLifetimeMs: maxLifetime,
    lifetimeJitterMs: lifetimeJitter,
    reconnectsPerSecond,
    acquireTimeout: deadline,
    churn: churnCauses(churn) === null ? null : churn.map(churnFigures),
    method:
      'idle: as many as open; times: conventions, whose cost in reconnects is given; churn: counters over the stage',
  };
}

const churnFigures = ({
  stage,
  name,
  maxIdleClosed,
  maxIdleTimeClosed,
  maxLifetimeClosed,
  opened,
  dialMs,
}: PoolChurn): ChurnFigures => ({
  stage,
  name,
  maxIdleClosedPerSecond: maxIdleClosed?.perSecond ?? null,
  maxIdleTimeClosedPerSecond: maxIdleTimeClosed?.perSecond ?? null,
  maxLifetimeClosedPerSecond: maxLifetimeClosed?.perSecond ?? null,
  openedPerSecond: opened?.perSecond ?? null,
  dialMs,
});

const settingNames: Readonly<Record<ChurnCause['setting'], string>> = {
  'max-idle': 'SetMaxIdleConns',
  'max-idle-time': 'the idle time',
  'max-lifetime': 'the lifetime',
};

/** What of the run's churn is too much, in words. */
export function churnTexts(churn: readonly PoolChurn[]): readonly string[] {
  return (churnCauses(churn) ?? []).map(
    ({ setting, stage, perSecond, share }) =>
      `in stage ${stage} ${settingNames[setting]} closed ${formatRate(perSecond)}, ${formatPercent(share)} of all acquisitions: each is opened again, which costs a round trip, a process of PostgreSQL and a login`,
  );
}

/** Lines of Go. database/sql adds no jitter by itself, so each instance draws its own lifetime. */
export function goSettings(
  driver: 'database/sql' | 'pgxpool',
  connections: number,
  { maxIdleTime, maxLifetime, lifetimeJitter }: Pick<IdleSettings, 'maxIdleTime' | 'maxLifetime' | 'lifetimeJitter'>,
): readonly string[] {
  return driver === 'database/sql'
    ? [
        `db.SetMaxOpenConns(${connections})`,
        `db.SetMaxIdleConns(${connections})`,
        `db.SetConnMaxIdleTime(${goDuration(maxIdleTime)})`,
        `db.SetConnMaxLifetime(${goDuration(maxLifetime)} + rand.N(${goDuration(lifetimeJitter)}))`,
      ]
    : [
        `config.MaxConns = ${connections}`,
        `config.MaxConnIdleTime = ${goDuration(maxIdleTime)}`,
        `config.MaxConnLifetime = ${goDuration(maxLifetime)}`,
        `config.MaxConnLifetimeJitter = ${goDuration(lifetimeJitter)}`,
      ];
}

const goDuration = (duration: Milliseconds): string => `${Math.round(duration / seconds(60))} * time.Minute`;

/** For people: what the settings cost, and what a deadline on acquisitions would turn away. */
export function idleText(figures: IdleFigures): string {
  const { maxIdle, maxLifetimeMs, lifetimeJitterMs, reconnectsPerSecond, acquireTimeout } = figures;
  const late =
    acquireTimeout.expectedShare === null
      ? ''
      : `; a deadline of ${formatLatency(acquireTimeout.limitMs)} on acquisitions would turn ${formatPercent(acquireTimeout.expectedShare)} of them away`;
  return `Idle: keep all ${maxIdle}; lifetimes of ${formatDuration(maxLifetimeMs)}, and up to ${formatDuration(lifetimeJitterMs)} more by chance, reconnect ${formatRate(reconnectsPerSecond)}${late}`;
}
