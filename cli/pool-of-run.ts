import { decodeRecord } from '../analysis/decode-record.ts';
import type { MeasuredHold } from '../analysis/sizing/pool/measured-hold.ts';
import { poolThresholds } from '../analysis/sizing/pool/next-pool-size.ts';
import { type PoolChurn, poolChurn } from '../analysis/sizing/pool/pool-churn.ts';
import { type StagePool, poolReadings } from '../analysis/sizing/pool/pool-reading.ts';
import type { PoolSignals } from '../analysis/metrics/pool-signals.ts';
import type { Milliseconds } from '../model/units.ts';
import { misuse } from '../scenarios/misuse.ts';
import { findRun } from '../runners/store/find-run.ts';
import { loadRun } from '../runners/store/load-run.ts';
import { readRun } from './analyze-run.ts';

/** A stage of one of the runs, and the pool's size in that run; null where it is unlimited or unknown. */
export type StageOfRun = StagePool & {
  readonly run: string;
  readonly maxOpen: number | null;
  /** Whether all that was offered was answered; false in a closed loop, where answers set the rate. */
  readonly carried: boolean;
};

/** A pool as runs showed it. */
export type PoolOfRuns =
  | {
      readonly status: 'measured';
      readonly runs: readonly string[];
      readonly pool: string;
      readonly driver: PoolSignals['driver'];
      /** Acquisitions of one request: counted by the pool, or as they were given. */
      readonly perRequest: number;
      /** Of all runs, in rising order of rate. */
      readonly holds: readonly StageOfRun[];
      readonly churn: readonly PoolChurn[];
    }
  | { readonly status: 'unknown'; readonly runs: readonly string[]; readonly reason: string };

/**
 * @param name of several pools this one
 * @param perRequest acquisitions of one request, where the pool does not count them; null for none given
 * @param limit of waits: a histogram of them tells the share beyond
 * @throws MisuseError for a pool that is not there, or a number that is needed
 */
export async function poolOfRuns(
  runs: readonly string[],
  runsDirectory: string,
  name: string | null,
  perRequest: number | null,
  limit: Milliseconds,
): Promise<PoolOfRuns> {
  const shown: ShownPool[] = [];
  for (const argument of runs) shown.push(await poolOfRun(argument, runsDirectory, name, perRequest, limit));
  const known = shown.filter((each) => each.status === 'measured');
  const [first] = known;
  const names = shown.map(({ run }) => run);
  if (first === undefined)
    return { status: 'unknown', runs: names, reason: shown.map((each) => unknownText(each)).join('; ') };
  const holds = known
    .flatMap((each) => each.holds)
    .toSorted((one, other) => one.requestsPerSecond - other.requestsPerSecond);
  const last = holds.at(-1);
  const counted = last === undefined ? 1 : last.acquisitionsPerSecond / last.requestsPerSecond;
  return {
    status: 'measured',
    runs: known.map(({ run }) => run),
    pool: first.pool,
    driver: first.driver,
    perRequest: perRequest ?? counted,
    holds,
    churn: known.flatMap((each) => each.churn),
  };
}

type ShownPool =
  | {
      readonly status: 'measured';
      readonly run: string;
      readonly pool: string;
      readonly driver: PoolSignals['driver'];
      readonly holds: readonly StageOfRun[];
      readonly churn: readonly PoolChurn[];
    }
  | { readonly status: 'unknown'; readonly run: string; readonly reason: string };

const unknownText = (shown: ShownPool): string =>
  shown.status === 'unknown' ? `run ${shown.run}: ${shown.reason}` : '';

async function poolOfRun(
  argument: string,
  runsDirectory: string,
  name: string | null,
  perRequest: number | null,
  limit: Milliseconds,
): Promise<ShownPool> {
  const folder = await findRun(argument, runsDirectory);
  const record = await loadRun(folder);
  const { analysis } = readRun(record, folder);
  const run = analysis.runs[0] ?? argument;
  const { signals, traffic } = decodeRecord(record);
  if (signals?.status !== 'captured' || traffic?.status !== 'captured')
    return { status: 'unknown', run, reason: 'it holds no metrics of the target, or no traffic' };
  const { pools } = signals.value;
  const names = pools.map((pool) => pool.name);
  if (pools.length === 0) return { status: 'unknown', run, reason: 'the target tells of no pool of connections' };
  const pool = name === null && pools.length === 1 ? pools[0] : pools.find((each) => each.name === name);
  if (pool === undefined)
    throw misuse('--pool', name === null ? 'is missing' : `there is no "${name}"`, `one of ${names.join(', ')}`);
  const counts = pool.acquireCount !== null || pool.useCount !== null;
  if (!counts && perRequest === null)
    throw misuse(
      '--queries-per-request',
      `is missing: ${pool.driver} does not count acquisitions`,
      'how often one request acquires a connection, on average: 1 or 3.5',
    );
  const holds = poolReadings(pool, traffic.value, analysis.stages, counts ? null : perRequest, limit);
  if (holds.length === 0)
    return {
      status: 'unknown',
      run,
      reason: 'no valid hold stage has enough readings of connections in use (five at least)',
    };
  const maxOpen = (stage: number): number | null =>
    analysis.stages[stage]?.target.pools.find((each) => each.name === pool.name)?.maxOpen ?? null;
  const carried = ({ stage, requestsPerSecond }: MeasuredHold): boolean => {
    const planned = record.plan.loadProfile.stages[stage];
    const offered = analysis.stages[stage]?.offeredPerSecond ?? 0;
    return planned !== undefined && !('users' in planned) && requestsPerSecond >= poolThresholds.carried * offered;
  };
  return {
    status: 'measured',
    run,
    pool: pool.name,
    driver: pool.driver,
    holds: holds.map((hold) => ({
      ...hold,
      run,
      maxOpen: maxOpen(hold.stage),
      carried: carried(hold),
    })),
    churn: poolChurn(pool, holds),
  };
}
