import type { Estimate, Evidence } from '../../../model/finding.ts';
import { databaseFinding } from '../database-finding.ts';
import { type DatabaseStage, statementName } from '../database-stages.ts';
import type { StatementAnalysis } from '../../analysis.ts';
import { confidence } from '../latency-quantiles.ts';
import { countRatio } from '../../statistics/count-ratio.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'query-fan-out',
  title: 'One statement is asked many times in each request',
  recommendation:
    'Ask once for all of them: a join, or = any($1) with the list of ids (N + 1 becomes 2). It would be refuted by endpoints that are meant to read that often and that nobody waits for.',
};

/** Times that a statement is asked per request from which it is a fan-out; loops over two or three are common. */
const notable = 5;

interface FanOut extends DatabaseStage {
  readonly statement: StatementAnalysis;
  readonly perRequest: number;
}

/** Witnesses: the server's count of the statement, and its count of transactions, which single statements are as well. */
export const queryFanOut = databaseFinding(text, (stages) => {
  const missing = stages.find(({ database }) => database.statements === null)?.database.statementsMissing;
  if (missing !== undefined && missing !== null)
    return [notApplicable(text, `statements (pg_stat_statements): ${missing}`)];
  const [worst] = stages
    .flatMap((each) =>
      (each.database.statements ?? []).flatMap((statement): FanOut[] =>
        statement.callsPerRequest === null || statement.callsPerRequest < notable
          ? []
          : [{ ...each, statement, perRequest: statement.callsPerRequest }],
      ),
    )
    .toSorted((one, other) => other.perRequest - one.perRequest);
  if (worst === undefined) return [];
  return [makeFinding(text, { severity: 'warning', evidence: witnesses(worst), estimate: estimateOf(worst) })];
});

/** Requests differ in how often they ask, which one count does not show: the interval is that of the count alone. */
function estimateOf({ statement: { calls }, perRequest }: FanOut): Estimate {
  return {
    ...countRatio(calls, calls / perRequest, { per: 1, confidence }),
    method: `${calls} calls, limits of a Poisson count, over the requests answered meanwhile`,
  };
}

function witnesses({ stage, database, statement, perRequest }: FanOut): Evidence[] {
  const list: Evidence[] = [
    {
      source: 'pg_stat_statements',
      statement: `calls per request of ${statementName(statement)}`,
      value: perRequest,
      unit: '1',
      stage: stage.index,
    },
  ];
  const answered = stage.completedPerSecond ?? 0;
  const transactions = answered === 0 ? null : (database.transactionsPerSecond ?? 0) / answered;
  if (transactions !== null && transactions >= perRequest / 2)
    list.push({
      source: 'pg_stat_database',
      statement: 'transactions per request, single statements among them',
      value: transactions,
      unit: '1',
      stage: stage.index,
    });
  return list;
}
