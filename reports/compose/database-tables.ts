import type { DatabaseAnalysis, StageAnalysis } from '../../analysis/analysis.ts';
import type { Block } from '../document.ts';
import { formatCount } from '../format-quantity.ts';
import { buildTable, counts, quantities, texts, withoutUnknown } from './build-table.ts';
import { type RunView, stageTitle } from './run-view.ts';
import { stageColumns } from './stage-columns.ts';

interface DatabaseStage {
  readonly stage: StageAnalysis;
  readonly database: DatabaseAnalysis;
}

/** More rows than this are looked up in the JSON. */
const shownStatements = 8;

/** The database behind the target: its sessions stage by stage, and the statements that took most time under the highest load. */
export function databaseTables(view: RunView): Block[] {
  const rows = view.analysis.stages.flatMap((stage) =>
    stage.target.database === null ? [] : [{ stage, database: stage.target.database }],
  );
  return rows.length === 0 ? [] : [sessionTable(view, rows), ...hidden(rows), ...statementTable(view, rows)];
}

function sessionTable(view: RunView, rows: readonly DatabaseStage[]): Block {
  const of = (figure: (database: DatabaseAnalysis) => number | null): (number | null)[] =>
    rows.map(({ database }) => figure(database));
  const available = rows[0]?.database.connectionsAvailable ?? null;
  return buildTable(
    'The database (PostgreSQL): sessions are means of the readings, what is longest is the longest that a reading saw',
    [
      ...stageColumns(
        view,
        rows.map(({ stage }) => stage.index),
      ),
      ...withoutUnknown([
        quantities(
          'active',
          '1',
          of(({ active }) => active),
        ),
        quantities(
          'idle in transaction',
          '1',
          of(({ idleInTransaction }) => idleInTransaction),
        ),
        quantities(
          'waiting for locks',
          '1',
          of(({ lockWaits }) => lockWaits),
        ),
        counts(
          available === null ? 'connections' : `connections of ${formatCount(available)}`,
          of(({ connections }) => connections),
        ),
        quantities(
          'transactions',
          '1/s',
          of(({ transactionsPerSecond }) => transactionsPerSecond),
        ),
        quantities(
          'longest transaction',
          'ms',
          of(({ longestTransactionMs }) => longestTransactionMs),
        ),
        quantities(
          'longest wait for a lock',
          'ms',
          of(({ longestLockWaitMs }) => longestLockWaitMs),
        ),
      ]),
    ],
  );
}

function hidden(rows: readonly DatabaseStage[]): Block[] {
  const most = Math.max(0, ...rows.map(({ database }) => database.hiddenSessions ?? 0));
  if (most === 0) return [];
  return [
    {
      kind: 'text',
      text: `The role may not look into up to ${formatCount(most)} sessions (mean of a stage), so there may be more of each: grant pg_monitor.`,
      tone: 'warning',
    },
  ];
}

function statementTable(view: RunView, rows: readonly DatabaseStage[]): Block[] {
  const missing = rows.find(({ database }) => database.statements === null)?.database.statementsMissing ?? null;
  if (missing !== null)
    return [{ kind: 'text', text: `Not measured: statements of the database. ${missing}.`, tone: 'muted' }];
  const [highest] = rows
    .filter(({ database }) => (database.statements ?? []).length > 0)
    .toSorted((one, other) => other.stage.offeredPerSecond - one.stage.offeredPerSecond);
  if (highest === undefined) return [];
  const statements = (highest.database.statements ?? []).slice(0, shownStatements);
  return [
    buildTable(
      `Statements that took most time in the database, ${stageTitle(view, highest.stage.index)} (pg_stat_statements)`,
      [
        texts(
          'statement',
          statements.map(({ id, text }) => text ?? id),
        ),
        quantities(
          'calls',
          '1/s',
          statements.map(({ callsPerSecond }) => callsPerSecond),
        ),
        quantities(
          'mean time',
          'ms',
          statements.map(({ meanMs }) => meanMs),
        ),
        quantities(
          'share of all',
          'ratio',
          statements.map(({ share }) => share),
        ),
        quantities(
          'rows per call',
          '1',
          statements.map(({ rowsPerCall }) => rowsPerCall),
        ),
      ],
    ),
  ];
}
