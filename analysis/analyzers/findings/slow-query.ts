import type { Evidence } from '../../../model/finding.ts';
import { milliseconds } from '../../../model/units.ts';
import type { StatementAnalysis } from '../../analysis.ts';
import { type DatabaseStage, statementName } from '../database-stages.ts';
import { databaseFinding } from '../database-finding.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'slow-query',
  title: 'A statement takes long in the database',
  recommendation:
    'Look at its plan (EXPLAIN (ANALYZE, BUFFERS)) with the parameters of the test: a missing index, a join over too many rows, or more rows than the service needs.',
};

/** Slow in itself; or slow because it grew with the load to so many times what it was, from a time that matters on. */
const slowFrom = milliseconds(50);
const grownFrom = milliseconds(10);
const grownBy = 3;
/** A mean of fewer calls is chance. */
const fewestCalls = 20;

interface Slow {
  readonly where: DatabaseStage;
  readonly statement: StatementAnalysis;
  /** Its mean in the first valid stage, where that is another one. */
  readonly before: number | null;
}

/** Witnesses: the server's account of the statement, and sessions seen in statements from time to time. */
export const slowQuery = databaseFinding(text, (stages) => {
  const missing = stages.find(({ database }) => database.statements === null)?.database.statementsMissing;
  if (missing !== undefined && missing !== null)
    return [notApplicable(text, `statements (pg_stat_statements): ${missing}`)];
  const [worst] = stages
    .flatMap((where) => slowIn(where, stages[0]))
    .toSorted((one, other) => other.statement.sessions - one.statement.sessions);
  return worst === undefined ? [] : [makeFinding(text, { severity: 'warning', evidence: witnesses(worst) })];
});

function slowIn(where: DatabaseStage, first: DatabaseStage | undefined): Slow[] {
  return (where.database.statements ?? []).flatMap((statement) => {
    // One that waits for locks most of its time is no slow query: `row-lock` speaks of it.
    if (statement.calls < fewestCalls || statement.lockWaits >= statement.sessions / 2) return [];
    const early = first === where ? undefined : first?.database.statements?.find(({ id }) => id === statement.id);
    const before = early?.meanMs ?? null;
    const grown = before !== null && statement.meanMs >= grownFrom && statement.meanMs >= grownBy * before;
    return statement.meanMs >= slowFrom || grown ? [{ where, statement, before }] : [];
  });
}

function witnesses({ where: { stage, database }, statement, before }: Slow): Evidence[] {
  const list: Evidence[] = [
    {
      source: 'pg_stat_statements',
      statement: `mean time of ${statementName(statement)}${before === null ? '' : `, ${before.toFixed(1)} ms in the first valid stage`}`,
      value: statement.meanMs,
      unit: 'ms',
      stage: stage.index,
    },
    {
      source: 'pg_stat_statements',
      statement: 'sessions that are in it at a time, by its time per second',
      value: statement.sessions,
      unit: '1',
      stage: stage.index,
    },
  ];
  // Sampled and accounted: as many sessions as its time says have to be seen in a statement.
  if (database.active !== null && database.active >= statement.sessions / 2 && statement.sessions > 0)
    list.push({
      source: 'pg_stat_activity',
      statement: `sessions seen in a statement, mean of ${database.readings} readings`,
      value: database.active,
      unit: '1',
      stage: stage.index,
    });
  return list;
}
