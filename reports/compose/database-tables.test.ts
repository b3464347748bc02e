import test from 'ava';
import type { DatabaseAnalysis } from '../../analysis/analysis.ts';
import { type AnalysedRun, buildStairAnalysis } from '../../fixtures/records/build-analysis.ts';
import { milliseconds, ratio } from '../../model/units.ts';
import type { Block, Table } from '../document.ts';
import { databaseTables } from './database-tables.ts';

const calm: DatabaseAnalysis = {
  version: '18.0',
  readings: 15,
  hiddenSessions: 0,
  active: 2.5,
  idleInTransaction: 0.5,
  lockWaits: 0,
  readingsWithLockWaits: 0,
  connections: 16,
  connectionsAvailable: 97,
  longestTransactionMs: milliseconds(21),
  longestIdleInTransactionMs: milliseconds(2),
  longestLockWaitMs: milliseconds(0),
  transactionsPerSecond: 812.5,
  deadlocks: 0,
  accountedIdleInTransaction: 0.4,
  statements: [
    {
      id: '-42',
      text: 'select price_cents from group_buy.drinks where id = $1',
      calls: 1500,
      callsPerSecond: 100,
      callsPerRequest: 1,
      meanMs: milliseconds(12.5),
      rowsPerCall: 1,
      sessions: 1.25,
      share: ratio(0.8),
      lockWaits: 0,
    },
  ],
  statementsMissing: null,
};

/** The stair, its last stages with a database. */
function blocksWith(database: DatabaseAnalysis | null): readonly Block[] {
  const { analysis, plan }: AnalysedRun = buildStairAnalysis();
  const stages = analysis.stages.map((stage, index) => ({
    ...stage,
    target: { ...stage.target, database: index < 2 ? null : database },
  }));
  return databaseTables({ analysis: { ...analysis, stages }, plan });
}
const tables = (blocks: readonly Block[]): readonly Table[] =>
  blocks.flatMap((block) => (block.kind === 'table' ? [block] : []));

test('nothing is said where no database was read', (t) => {
  t.deepEqual(blocksWith(null), []);
});

test('sessions stage by stage, and statements under the highest load', (t) => {
  const [sessions, statements] = tables(blocksWith(calm));
  t.deepEqual(sessions?.columns.map(({ title }) => title).slice(-7), [
    'active',
    'idle in transaction',
    'waiting for locks',
    'connections of 97',
    'transactions, /s',
    'longest transaction, ms',
    'longest wait for a lock, ms',
  ]);
  t.is(sessions?.rows.length, buildStairAnalysis().analysis.stages.length - 2);
  t.regex(statements?.caption ?? '', /most time in the database/);
  t.deepEqual(statements?.rows, [
    ['select price_cents from group_buy.drinks where id = $1', '100', '12.5', '80.0', '1'],
  ]);
});

test('what could not be seen is said', (t) => {
  const texts = blocksWith({ ...calm, hiddenSessions: 3, statements: null, statementsMissing: 'no extension' }).flatMap(
    (block) => (block.kind === 'text' ? [block.text] : []),
  );
  t.regex(texts[0] ?? '', /3 sessions.*pg_monitor/);
  t.regex(texts[1] ?? '', /no extension/);
});
