import type { Series } from '../../model/series.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import type { PostgresFacts } from './postgres-facts.ts';
import type { Signal, SignalUnit } from './signal.ts';

/** What PostgreSQL says of the database behind the target. Sessions are those of this database, without plimsoll's own. */
export interface PostgresSignals {
  readonly facts: PostgresFacts;
  readonly connections: Signal | null;
  readonly maxConnections: Signal | null;
  readonly reservedConnections: Signal | null;
  readonly here: Signal | null;
  readonly hidden: Signal | null;
  /** In a statement, waiting for a lock among them. */
  readonly active: Signal | null;
  readonly idleInTransaction: Signal | null;
  readonly lockWaits: Signal | null;
  /** 0 while there is none. */
  readonly longestTransactionMs: Signal | null;
  readonly longestIdleInTransactionMs: Signal | null;
  readonly longestLockWaitMs: Signal | null;
  /** Counters of the server's own account, which each session adds to when its transaction ends. */
  readonly commits: Signal | null;
  readonly rollbacks: Signal | null;
  readonly deadlocks: Signal | null;
  readonly idleInTransactionMs: Signal | null;
  /** Time of all statements; counter. */
  readonly statementMs: Signal | null;
  readonly statements: readonly StatementSignals[];
}

/** Counters of one statement, and the sessions that waited for a lock in it. */
export interface StatementSignals {
  readonly id: string;
  readonly text: string | null;
  readonly calls: Signal | null;
  readonly totalMs: Signal | null;
  readonly rows: Signal | null;
  /** Has a point only where some waited. */
  readonly waiting: Signal | null;
}

/** Null where no database was read. The first that was, should there be several. */
export function postgresSignals({ sources }: DecodedScrapes): PostgresSignals | null {
  const source = sources.find(({ postgres }) => postgres !== null);
  if (source === undefined || source.postgres === null) return null;
  const facts = source.postgres;
  const byId = Map.groupBy(source.series, ({ labels }) => labels['id'] ?? '');
  const signalIn = (list: readonly Series[], unit: SignalUnit, name: string): Signal | null => {
    const series = list.find((one) => one.name === name);
    const provenance = { collector: 'postgres', source: source.source, metrics: [name], note: null } as const;
    return series === undefined ? null : { unit, series, provenance };
  };
  const signal = (name: string, unit: SignalUnit = 'count'): Signal | null => signalIn(byId.get('') ?? [], unit, name);
  return {
    facts,
    connections: signal('connections'),
    maxConnections: signal('maxConnections'),
    reservedConnections: signal('reservedConnections'),
    here: signal('here'),
    hidden: signal('hidden'),
    active: signal('active'),
    idleInTransaction: signal('idleInTransaction'),
    lockWaits: signal('lockWaits'),
    longestTransactionMs: signal('longestTransactionMs', 'ms'),
    longestIdleInTransactionMs: signal('longestIdleInTransactionMs', 'ms'),
    longestLockWaitMs: signal('longestLockWaitMs', 'ms'),
    commits: signal('database.commits'),
    rollbacks: signal('database.rollbacks'),
    deadlocks: signal('database.deadlocks'),
    idleInTransactionMs: signal('database.idleInTransactionMs', 'ms'),
    statementMs: signal('statements.totalMs', 'ms'),
    statements: [...facts.texts].map(([id, text]) => {
      const list = byId.get(id) ?? [];
      return {
        id,
        text,
        calls: signalIn(list, 'count', 'statement.calls'),
        totalMs: signalIn(list, 'ms', 'statement.totalMs'),
        rows: signalIn(list, 'count', 'statement.rows'),
        waiting: signalIn(list, 'count', 'statement.waiting'),
      };
    }),
  };
}
