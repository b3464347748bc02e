import type { Evidence } from '../../../model/finding.ts';
import type { DatabaseStage } from '../database-stages.ts';
import { databaseFinding } from '../database-finding.ts';
import { makeFinding } from './make-finding.ts';

const text = {
  id: 'idle-in-transaction',
  title: 'Transactions are open while the service does something else',
  recommendation:
    'Keep calls to other services, computing and waiting out of transactions: begin late, commit at once, and fetch what is needed before. Each such transaction keeps a connection, its locks, and old rows from being cleaned up.',
};

/** Of the sessions in a transaction or statement, the share from which idling is what they mostly do. */
const mostly = 0.5;
/** Fewer sessions than this on average are the pauses between two statements. */
const fewestSessions = 1;

/** Witnesses: states of sessions, read from time to time; the server's own account of time; the pool's connections in use. */
export const idleInTransaction = databaseFinding(text, (stages, { targets }) => {
  const [worst] = stages
    .filter(({ database }) => idles(database))
    .toSorted((one, other) => sessionsOf(other) - sessionsOf(one));
  if (worst === undefined) return [];
  const { pools } = targets?.[worst.stage.index]?.target ?? { pools: [] };
  const inUse = pools.reduce((sum, pool) => sum + (pool.inUse ?? 0), 0);
  return [makeFinding(text, { severity: 'warning', evidence: witnesses(worst, inUse) })];
});

const sessionsOf = ({ database }: DatabaseStage): number => database.idleInTransaction ?? 0;

function idles({ active, idleInTransaction: idle }: DatabaseStage['database']): boolean {
  return idle !== null && active !== null && idle >= fewestSessions && idle >= mostly * (idle + active);
}

function witnesses({ stage, database }: DatabaseStage, poolInUse: number): Evidence[] {
  const { active, idleInTransaction: idle, accountedIdleInTransaction: accounted } = database;
  const seen = idle ?? 0;
  const at = { unit: '1', stage: stage.index };
  const list: Evidence[] = [
    {
      source: 'pg_stat_activity',
      statement: `sessions idle in a transaction, mean of ${database.readings} readings; ${(active ?? 0).toFixed(1)} were in a statement`,
      value: seen,
      ...at,
    },
  ];
  if (accounted !== null && accounted >= seen / 2)
    list.push({
      source: 'pg_stat_database',
      statement: 'sessions idle in a transaction, by the server’s account of time',
      value: accounted,
      ...at,
    });
  // Connections that are out, and not in a statement.
  if (poolInUse - (active ?? 0) >= seen / 2)
    list.push({
      source: 'pool',
      statement: 'connections that the service holds and has no statement in',
      value: poolInUse - (active ?? 0),
      ...at,
    });
  if (database.longestIdleInTransactionMs !== null)
    list.push({
      source: 'pg_stat_activity',
      statement: 'the longest that a transaction was seen idle',
      value: database.longestIdleInTransactionMs,
      unit: 'ms',
      stage: stage.index,
    });
  return list;
}
