import { z } from 'zod';
import type { EpochMilliseconds } from '../../model/units.ts';
import { parseOwnBody } from './json-body.ts';
import type { PostgresFacts } from './postgres-facts.ts';
import type { DecodedReadings, Reading } from './reading.ts';
import { SeriesTable } from './series-table.ts';

const count = z.number().nonnegative();
const time = count.nullable();
const counted = { calls: count, totalMs: count, rows: count };

/** Scrape body of the collector `postgres`: docs/run-record.md, "PostgreSQL". */
const postgresReading = z.object({
  format: z.literal(1),
  server: z.object({ version: z.string(), maxConnections: count, reservedConnections: count }),
  sees: z.enum(['all sessions', 'own sessions']),
  sessions: z.object({
    connections: count,
    here: count,
    hidden: count,
    active: count,
    idle: count,
    idleInTransaction: count,
    lockWaits: count,
    longestTransactionMs: z.number().nullable(),
    longestIdleInTransactionMs: z.number().nullable(),
  }),
  waitingStatements: z.array(z.object({ id: z.string(), sessions: count })),
  database: z
    .object({
      commits: count,
      rollbacks: count,
      deadlocks: count,
      temporaryBytes: count,
      activeMs: count,
      idleInTransactionMs: count,
    })
    .nullable(),
  locks: z
    .object({
      waiting: count,
      longestWaitMs: time,
      by: z.array(z.object({ kind: z.string(), mode: z.string(), relation: z.string().nullable(), waiting: count })),
    })
    .nullable(),
  statements: z.discriminatedUnion('status', [
    z.object({
      status: z.literal('read'),
      listed: z.array(z.object({ id: z.string(), text: z.string().nullable(), ...counted })),
      others: z.object({ statements: count, ...counted }),
    }),
    z.object({ status: z.literal('left out') }),
    z.object({ status: z.literal('missing'), reason: z.string() }),
  ]),
});
type PostgresReading = z.infer<typeof postgresReading>;

/**
 * Series `connections`, `maxConnections`, `reservedConnections` of the server; `here`, `hidden`, `active`, `idle`,
 * `idleInTransaction`, `lockWaits`, `longestTransactionMs`, `longestIdleInTransactionMs`, `longestLockWaitMs` of the sessions of
 * this database (0 where none is in that state); counters `database.<field>`; and by id of a statement the counters
 * `statement.calls`, `statement.totalMs`, `statement.rows`, those of all statements together as `statements.totalMs`, and
 * `statement.waiting`, how many sessions waited for a lock in it.
 */
export function decodePostgresReadings(source: string, readings: readonly Reading[]): DecodedReadings {
  const table = new SeriesTable('postgres', source);
  const parsed = readings.map(({ at, body }) => ({ at, ...parseOwnBody(postgresReading, body) }));
  const understood = parsed.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]));
  const ids = new Set(understood.flatMap(({ value }) => listedIn(value).map(({ id }) => id)));
  for (const { at, value } of understood) {
    addSessions(table, at, value);
    for (const [field, known] of Object.entries(value.database ?? {}))
      table.add(at, known, `database.${field}`, 'counter');
    addStatements(table, at, value, ids);
  }
  return {
    series: table.finish(),
    refusals: parsed.map(({ reason }) => reason),
    postgres: factsOf(understood.map(({ value }) => value)),
  };
}

/** Clocks of a session and of the server's now may cross: nothing lasts less than no time. */
const lasted = (value: number | null): number => Math.max(0, value ?? 0);

function addSessions(table: SeriesTable, at: EpochMilliseconds, { server, sessions, locks }: PostgresReading): void {
  const { maxConnections, reservedConnections } = server;
  const gauges = {
    maxConnections,
    reservedConnections,
    ...sessions,
    longestTransactionMs: lasted(sessions.longestTransactionMs),
    longestIdleInTransactionMs: lasted(sessions.longestIdleInTransactionMs),
    longestLockWaitMs: lasted(locks?.longestWaitMs ?? null),
  };
  for (const [name, value] of Object.entries(gauges)) table.add(at, value, name, 'gauge');
}

function addStatements(
  table: SeriesTable,
  at: EpochMilliseconds,
  { statements, waitingStatements }: PostgresReading,
  ids: ReadonlySet<string>,
): void {
  for (const { id, sessions } of waitingStatements) table.add(at, sessions, 'statement.waiting', 'gauge', { id });
  if (statements.status !== 'read') return;
  const { listed, others } = statements;
  const byId = new Map(listed.map((statement) => [statement.id, statement]));
  for (const id of ids) {
    const statement = byId.get(id);
    // Where nothing is left out, one that is not listed has not been called yet; else nobody knows.
    if (statement === undefined && others.statements > 0) continue;
    for (const field of ['calls', 'totalMs', 'rows'] as const)
      table.add(at, statement?.[field] ?? 0, `statement.${field}`, 'counter', { id });
  }
  const total = listed.reduce((sum, { totalMs }) => sum + totalMs, others.totalMs);
  table.add(at, total, 'statements.totalMs', 'counter');
}

const listedIn = ({ statements }: PostgresReading): { readonly id: string; readonly text: string | null }[] =>
  statements.status === 'read' ? statements.listed : [];

function factsOf(readings: readonly PostgresReading[]): PostgresFacts | null {
  const last = readings.at(-1);
  if (last === undefined) return null;
  const texts = new Map<string, string | null>();
  for (const { id, text } of readings.flatMap(listedIn)) texts.set(id, text ?? texts.get(id) ?? null);
  const read = readings.some(({ statements }) => statements.status === 'read');
  const reasons = readings.flatMap(({ statements }) => (statements.status === 'missing' ? [statements.reason] : []));
  return {
    version: last.server.version,
    seesAll: readings.every(({ sees }) => sees === 'all sessions'),
    texts,
    statementsMissing: read ? null : (reasons[0] ?? 'they were never read'),
  };
}
