import { type Milliseconds, inSeconds, milliseconds, ratio } from '../../model/units.ts';
import type { DatabaseAnalysis, StatementAnalysis } from '../analysis.ts';
import type { PostgresSignals, StatementSignals } from '../metrics/postgres-signals.ts';
import { pointsIn } from '../metrics/series-window.ts';
import type { StageReadings } from './stage-readings.ts';

/** More statements than this nobody reads. */
const mostStatements = 20;

/** The database in a stage; null where it was not read in its steady window. */
export function databaseFigures(signals: PostgresSignals | null, readings: StageReadings): DatabaseAnalysis | null {
  if (signals === null || readings.readings(signals.active) === 0) return null;
  const { facts } = signals;
  const [most, reserved] = [readings.maximum(signals.maxConnections), readings.maximum(signals.reservedConnections)];
  const [commits, rollbacks] = [readings.perSecond(signals.commits), readings.perSecond(signals.rollbacks)];
  return {
    version: facts.version,
    readings: readings.readings(signals.active),
    hiddenSessions: readings.mean(signals.hidden),
    active: readings.mean(signals.active),
    idleInTransaction: readings.mean(signals.idleInTransaction),
    lockWaits: readings.mean(signals.lockWaits),
    readingsWithLockWaits:
      signals.lockWaits === null
        ? 0
        : pointsIn(signals.lockWaits.series, readings.window).filter(({ value }) => value > 0).length,
    connections: readings.maximum(signals.connections),
    connectionsAvailable: most === null || reserved === null ? null : most - reserved,
    longestTransactionMs: asTime(readings.maximum(signals.longestTransactionMs)),
    longestIdleInTransactionMs: asTime(readings.maximum(signals.longestIdleInTransactionMs)),
    longestLockWaitMs: asTime(readings.maximum(signals.longestLockWaitMs)),
    transactionsPerSecond: commits === null || rollbacks === null ? null : commits + rollbacks,
    deadlocks: readings.increase(signals.deadlocks)?.value ?? null,
    accountedIdleInTransaction: sessionsOf(readings.perSecond(signals.idleInTransactionMs)),
    statements: facts.statementsMissing === null ? statementsOf(signals, readings) : null,
    statementsMissing: facts.statementsMissing,
  };
}

/** Little's law: milliseconds that pass in all sessions per second are thousandths of a session. */
const sessionsOf = (millisecondsPerSecond: number | null): number | null =>
  millisecondsPerSecond === null ? null : inSeconds(milliseconds(millisecondsPerSecond));

function statementsOf(signals: PostgresSignals, readings: StageReadings): readonly StatementAnalysis[] {
  const total = readings.perSecond(signals.statementMs);
  return signals.statements
    .flatMap((statement) => figuresOf(statement, total, readings, readings.readings(signals.active)) ?? [])
    .toSorted((one, other) => other.sessions - one.sessions)
    .slice(0, mostStatements);
}

function figuresOf(
  { id, text, calls, totalMs, rows, waiting }: StatementSignals,
  total: number | null,
  readings: StageReadings,
  looks: number,
): StatementAnalysis | null {
  const [counted, spent, given] = [readings.increase(calls), readings.increase(totalMs), readings.increase(rows)];
  const [perSecond, busy] = [readings.perSecond(calls), readings.perSecond(totalMs)];
  if (counted === null || spent === null || perSecond === null || busy === null || counted.value === 0) return null;
  return {
    id,
    text,
    calls: counted.value,
    callsPerSecond: perSecond,
    callsPerRequest: readings.perRequest(calls),
    meanMs: milliseconds(spent.value / counted.value),
    rowsPerCall: given === null ? null : given.value / counted.value,
    sessions: inSeconds(milliseconds(busy)),
    // The two may stand between different readings, where the statement was listed later.
    share: total === null || total === 0 ? null : ratio(Math.min(1, busy / total)),
    lockWaits: waitingIn(waiting, readings) / looks,
  };
}

/** In all readings of the window together: one in which none waited has no point. */
function waitingIn(waiting: StatementSignals['waiting'], readings: StageReadings): number {
  if (waiting === null) return 0;
  const points = pointsIn(waiting.series, readings.window);
  return points.reduce((sum, { value }) => sum + value, 0);
}

const asTime = (value: number | null): Milliseconds | null => (value === null ? null : milliseconds(value));
