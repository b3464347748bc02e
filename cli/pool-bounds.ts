import { type ConnectionsAsked, connectionShare, connectionUse } from '../analysis/sizing/pool/connection-share.ts';
import { deadlockBound } from '../analysis/sizing/pool/deadlock-bound.ts';
import { type HoldModel, holdModel } from '../analysis/sizing/pool/hold-model.ts';
import { type MeasuredDatabase, measuredDatabase } from '../analysis/sizing/pool/measured-database.ts';
import { poolThresholds } from '../analysis/sizing/pool/next-pool-size.ts';
import type { StageOfRun } from './pool-of-run.ts';

export interface BoundsAsked {
  /** Statements at once, as given for this pool; null: not given. */
  readonly databaseServers: number | null;
  readonly connections: ConnectionsAsked | null;
  /** Requests at once, and connections that each of them holds at once. */
  readonly held: { readonly requestsAtOnce: number; readonly connectionsPerRequest: number } | null;
  /** Stages of runs; empty where the hold time was given. */
  readonly holds: readonly StageOfRun[];
}

/** What no pool may exceed or go below. Null: nothing is known of it. */
export interface PoolBounds {
  /** Statements that the database executes at once without slowing, this pool's part of them. */
  readonly database: number | null;
  readonly databaseBy: 'given' | 'measured' | null;
  /** Connections that the database has for each pool. */
  readonly connections: number | null;
  readonly deadlock: number | null;
  /** The lower of both upper ones, and which it is. */
  readonly atMost: { readonly bound: number; readonly by: 'database' | 'connections' } | null;
}

export function boundsOf({ databaseServers, connections, held, holds }: BoundsAsked): PoolBounds {
  const share = connections === null ? null : connectionShare(connections);
  const measured = databaseServers === null ? databaseOf(holds) : null;
  const instances = share?.instances ?? 1;
  const database =
    databaseServers ??
    (measured?.status === 'identified' ? Math.max(1, Math.round(measured.servers.estimate / instances)) : null);
  const most = share?.largestPool ?? null;
  return {
    database,
    databaseBy: databaseServers !== null ? 'given' : database === null ? null : 'measured',
    connections: most,
    deadlock: held === null ? null : deadlockBound(held.requestsAtOnce, held.connectionsPerRequest),
    atMost:
      most !== null && (database === null || most <= database)
        ? { bound: most, by: 'connections' }
        : database === null
          ? null
          : { bound: database, by: 'database' },
  };
}

/** The bound of the connections line by line, as `size replicas` shows its own; empty where none was asked for. */
export function boundLines(connections: ConnectionsAsked | null, recommended: number | null): readonly string[] {
  if (connections === null) return [];
  const share = connectionShare(connections);
  return recommended === null ? share.arithmetic : [...share.arithmetic, connectionUse(recommended, share)];
}

/**
 * Of all stages of all runs; null without any. A throughput that is level because the load was no higher says nothing of the
 * database: some stage that reaches the limit must have been asked for more than it answered, and hold times must surely grow.
 */
export function databaseOf(holds: readonly StageOfRun[]): MeasuredDatabase | null {
  const model = holdModelOf(holds);
  if (model === null) return null;
  if (model.status !== 'fitted' || model.shape !== 'rising')
    return { status: 'not-identified', reason: 'hold times do not surely grow with the connections in use' };
  const found = measuredDatabase(
    holds.map(({ inUse, acquisitionsPerSecond }) => ({
      concurrency: inUse.estimate,
      throughput: acquisitionsPerSecond,
    })),
  );
  const reached = (servers: number): boolean =>
    holds.some(({ carried, inUse }) => !carried && inUse.estimate >= servers);
  return found.status === 'identified' && !reached(found.servers.estimate)
    ? { status: 'not-identified', reason: 'no stage beyond it was asked for more than it answered' }
    : found;
}

/** Whether holds grow with what is in use; null without any. */
export function holdModelOf(holds: readonly StageOfRun[]): HoldModel | null {
  return holds.length === 0
    ? null
    : holdModel(
        holds.map(({ inUse, hold }) => ({ active: inUse.estimate, hold })),
        poolThresholds.sameWithin,
      );
}
