import type { Evidence } from '../../../model/finding.ts';
import { type Milliseconds, milliseconds, seconds } from '../../../model/units.ts';
import { type DatabaseStage, statementName } from '../database-stages.ts';
import { databaseFinding } from '../database-finding.ts';
import { makeFinding } from './make-finding.ts';

const text = {
  id: 'row-lock',
  title: 'Sessions wait for each other’s locks in the database',
  recommendation:
    'Shorten what is done while the lock is held (lock last, commit at once), spread what everybody updates over several rows, or take work from a table with SKIP LOCKED. More connections only make the queue longer.',
};

/** Sessions waiting at a time, below which waiting is rare. */
const fewestWaiting = 0.5;
/** A queue that one reading met by chance is none: so many have to have seen somebody wait, and this share of all. */
const fewestReadings = 3;
const oftenWaiting = 1 / 3;

/** Witnesses: sessions that wait, read from time to time; the time of the statement they wait in; growth of the response time. */
export const rowLock = databaseFinding(text, (stages, { plan }) => {
  const limit = plan.limits.poolWaitMs;
  const [worst] = stages
    .filter((each) => waits(each.database) && (waitPerRequest(each) ?? 0) >= limit)
    .toSorted((one, other) => waitingOf(other) - waitingOf(one));
  if (worst === undefined) return [];
  const calm = stages.find(({ stage }) => stage.offeredPerSecond < worst.stage.offeredPerSecond);
  return [makeFinding(text, { severity: 'warning', evidence: witnesses(worst, calm) })];
});

function waits({ lockWaits, readingsWithLockWaits: seen, readings }: DatabaseStage['database']): boolean {
  return (lockWaits ?? 0) >= fewestWaiting && seen >= fewestReadings && seen >= oftenWaiting * readings;
}

const waitingOf = ({ database }: DatabaseStage): number => database.lockWaits ?? 0;

/** Little's law: sessions waiting at a time over requests answered per second. */
function waitPerRequest({ stage, database }: DatabaseStage): Milliseconds | null {
  const rate = stage.completedPerSecond ?? 0;
  return rate === 0 || database.lockWaits === null ? null : milliseconds((database.lockWaits * seconds(1)) / rate);
}

function witnesses(worst: DatabaseStage, calm: DatabaseStage | undefined): Evidence[] {
  const { stage, database } = worst;
  const waiting = waitingOf(worst);
  const wait = waitPerRequest(worst);
  const list: Evidence[] = [
    {
      source: 'pg_stat_activity',
      statement: `sessions waiting for a lock, mean of ${database.readings} readings`,
      value: waiting,
      unit: '1',
      stage: stage.index,
    },
    {
      source: 'pg_stat_activity',
      statement: 'wait for locks per request, by Little’s law',
      value: wait,
      unit: 'ms',
      stage: stage.index,
    },
  ];
  const [blocked] = (database.statements ?? []).toSorted((one, other) => other.lockWaits - one.lockWaits);
  // What waits is in its statement all the while, so the statement takes at least as much time.
  if (blocked !== undefined && blocked.lockWaits > 0 && blocked.sessions >= waiting / 2)
    list.push({
      source: 'pg_stat_statements',
      statement: `sessions in the statement that waits most, by its time: ${statementName(blocked)}`,
      value: blocked.sessions,
      unit: '1',
      stage: stage.index,
    });
  const [before, now] = [calm?.stage.responseTimeMs['0.9'], stage.responseTimeMs['0.9']];
  if (before !== undefined && before !== null && now !== null && now.estimate - before.estimate >= (wait ?? 0) / 2)
    list.push({
      source: 'client',
      statement: 'growth of the response time’s p90 since the first valid stage',
      value: now.estimate - before.estimate,
      unit: 'ms',
      stage: stage.index,
    });
  return list;
}
