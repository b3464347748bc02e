import test from 'ava';
import { type RunDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { postgresBody } from '../../fixtures/records/postgres-body.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { after, bytes, milliseconds, seconds } from '../../model/units.ts';
import type { Analysis, DatabaseAnalysis } from '../analysis.ts';
import { analyze } from '../analyze.ts';

type Body = Parameters<typeof postgresBody>[0];

/** Two stages of six seconds, 100/s and 200/s, read every second up to `until`. */
function analysed(body: (second: number) => Body, until = 13): Analysis {
  const scrapes: NonNullable<RunDescription['scrapes']> = (startedAt: EpochMilliseconds) =>
    Array.from({ length: until }, (_, second) => ({
      collector: 'postgres' as const,
      source: 'PostgreSQL of env:DATABASE_URL',
      at: after(startedAt, seconds(second)),
      durationMs: milliseconds(0),
      bytes: bytes(10),
      contentType: 'application/json',
      body: JSON.stringify(postgresBody(body(second))),
      error: null,
    }));
  const stages = [100, 200].map((rate) => ({ rate, seconds: 6, latencyMs: () => 1 }));
  return analyze(buildRunRecord({ stages, postgres: true, scrapes }));
}
const databaseOf = ({ stages }: Analysis, stage: number): DatabaseAnalysis | null | undefined =>
  stages[stage]?.target.database;

test('sessions are means of a stage’s readings, what is longest the longest of them', (t) => {
  const analysis = analysed((second) => ({
    sessions: { active: second, lockWaits: second % 2, connections: 10 + second, longestTransactionMs: 100 - second },
    database: { commits: 500 * second, rollbacks: 3 * second, deadlocks: second, idleInTransactionMs: 250 * second },
  }));
  // The steady window of the second stage holds the readings of seconds 7 to 12.
  t.like(databaseOf(analysis, 1), {
    readings: 6,
    active: 9.5,
    lockWaits: 0.5,
    readingsWithLockWaits: 3,
    connections: 22,
    connectionsAvailable: 97,
    longestTransactionMs: 93,
    transactionsPerSecond: 503,
    deadlocks: 5,
    accountedIdleInTransaction: 0.25,
  });
  t.is(databaseOf(analysis, 0)?.active, 3.5);
});

const counted = (id: string, calls: number, meanMs: number): object => ({
  id,
  text: id,
  calls,
  totalMs: calls * meanMs,
  rows: 2 * calls,
});

test('statements are what a stage added to them, those with most time first, per request', (t) => {
  const analysis = analysed((second) => ({
    statements: {
      status: 'read',
      // Until second 6 one call a request of 1 ms; then two of 4 ms.
      listed: [
        counted('b', 100 * second, 0.5),
        {
          ...counted('a', 100 * Math.min(second, 6) + 400 * Math.max(0, second - 6), 1),
          totalMs: 100 * Math.min(second, 6) + 1600 * Math.max(0, second - 6),
        },
      ],
      others: { statements: 1, calls: second, totalMs: 350 * second, rows: 0 },
    },
    waitingStatements: second > 9 ? [{ id: 'a', sessions: 2 }] : [],
  }));
  const [first, second] = databaseOf(analysis, 1)?.statements ?? [];
  t.like(first, { id: 'a', calls: 2000, callsPerSecond: 400, meanMs: 4, sessions: 1.6, share: 0.8, lockWaits: 1 });
  t.true(Math.abs((first?.callsPerRequest ?? 0) - 2) < 0.02, `${first?.callsPerRequest}`);
  t.like(second, { id: 'b', calls: 500, meanMs: 0.5, rowsPerCall: 2, sessions: 0.05, lockWaits: 0 });
  t.is(databaseOf(analysis, 0)?.statements?.[0]?.meanMs, milliseconds(1));
});

test('a stage without readings has no figures, a database without statements says why', (t) => {
  const analysis = analysed(() => ({}), 6);
  t.is(databaseOf(analysis, 1), null);
  t.like(databaseOf(analysis, 0), {
    statements: null,
    statementsMissing: 'pg_stat_statements is not installed in this database',
  });
});

const codesWith = (hidden: number): string[] =>
  analysed(() => ({ sessions: { hidden } })).warnings.map(({ code }) => code);

test('sessions that may not be looked into are a doubt about the run', (t) => {
  t.true(codesWith(3).includes('database-partly-hidden'));
  t.false(codesWith(0).includes('database-partly-hidden'));
});
