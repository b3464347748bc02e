import { rateText } from '../../model/rate-text.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { seconds } from '../../model/units.ts';
import { erlangC } from '../models/queueing/erlang-c.ts';
import type { MeasuredLevel, MeasuredLoad } from './measured-load.ts';
import type { PlausibleStation } from './plausible-stations.ts';
import type { WhatIfChange } from './what-if-change.ts';

/** A change as far as it can be told before any queue is fitted. */
export interface ChangedLoad {
  readonly replicas: number;
  /** Requests per second of one instance. */
  readonly instancePerSecond: number;
  /** After the change; null: not known, or none. */
  readonly processors: number | null;
  readonly pool: ChangedPool | null;
  /** Why nothing can be said; all reasons at once. */
  readonly refusals: readonly string[];
  readonly notes: readonly string[];
  readonly stationsAfter: (
    stations: readonly PlausibleStation[],
  ) => readonly PlausibleStation[] | { readonly refused: string };
}

export interface ChangedPool {
  readonly maxOpen: number;
  /** Connections in use on average, at the changed rate, if none had to wait. */
  readonly inUse: number;
  /** Time that a request holds connections for. */
  readonly heldMs: number;
}

/** Nothing is said beyond this times what was measured, nor below its inverse. */
export const farthestFactor = 1.25;

/** What a change does to the load of one instance, and which of it this run knows nothing of. */
export function changeLoad(record: RunRecord, load: MeasuredLoad, change: WhatIfChange): ChangedLoad {
  const { levels } = load;
  const highest = levels.at(-1);
  const [lowest] = levels;
  if (lowest === undefined || highest === undefined) throw new RangeError('a load without levels');
  const replicas = change.replicas ?? 1;
  const rate = change.ratePerSecond ?? highest.perSecond;
  const instancePerSecond = rate / replicas;
  const refusals: string[] = [];
  const notes: string[] = [];
  const most = farthestFactor * highest.perSecond;
  const least = lowest.perSecond / farthestFactor;
  if (instancePerSecond > most * (1 + rounding))
    refusals.push(
      `${rateText(instancePerSecond)} per instance is beyond ${farthestFactor} times the highest measured rate, ${rateText(highest.perSecond)}: measure a stage at ${rateText(instancePerSecond / farthestFactor)} or more`,
    );
  if (instancePerSecond < least * (1 - rounding))
    refusals.push(
      `${rateText(instancePerSecond)} per instance is far below the lowest measured rate, ${rateText(lowest.perSecond)}: measure a stage near it`,
    );
  if (replicas > 1) {
    const shared = highest.target?.pools.length ?? 0;
    if (shared > 0 && rate > most * (1 + rounding))
      refusals.push(
        `the database behind the pool was measured up to ${rateText(highest.perSecond)}, not at ${rateText(rate)} of all replicas together`,
      );
    notes.push('replicas are taken to share the load evenly, and nothing behind them to be slower for their sum');
  }
  refusals.push(...neverMeasured(record, change));
  const processorsBefore = highest.target?.cpuCoresAvailable ?? null;
  const poolBefore = poolOf(highest, instancePerSecond);
  const pool = poolBefore === null ? null : { ...poolBefore, maxOpen: change.pool ?? poolBefore.maxOpen };
  const changesProcessors = change.cpus !== null && change.cpus !== processorsBefore;
  const changesPool = change.pool !== null && change.pool !== poolBefore?.maxOpen;
  if (changesProcessors) refusals.push(...refusedProcessors(change.cpus ?? 0, processorsBefore));
  if (changesPool && poolBefore === null)
    refusals.push('--pool: the run shows no pool, or more than one; collect its statistics (docs: run-a-url.md)');
  if (changesPool && poolBefore !== null) refusals.push(...refusedPool(pool, poolBefore));
  return {
    replicas,
    instancePerSecond,
    processors: change.cpus ?? processorsBefore,
    pool,
    refusals,
    notes,
    stationsAfter: (stations) => {
      if (changesProcessors) return withProcessors(stations, change.cpus ?? 0, highest);
      if (changesPool && pool !== null && poolBefore !== null) return withPool(stations, pool, poolBefore);
      return stations;
    },
  };
}

/** Changes that one run with one setting cannot tell the effect of. */
function neverMeasured({ environment, plan }: RunRecord, change: WhatIfChange): string[] {
  const { gogc, memoryLimitBytes } = environment.target;
  const refusals: string[] = [];
  if (change.gogc !== null && change.gogc !== gogc)
    refusals.push(
      `--gogc: the run had one setting (${gogc ?? 'not known'}), so it shows nothing of another; run once with GOGC=${change.gogc}`,
    );
  if (change.memoryBytes !== null && change.memoryBytes !== memoryLimitBytes)
    refusals.push(
      `--memory: the run had one limit (${memoryLimitBytes === null ? 'none' : `${memoryLimitBytes} bytes`}), so it shows nothing of another; run once with the other`,
    );
  if (change.downstreamSlower !== null && change.downstreamSlower !== 1)
    refusals.push('--downstream-slower: how long a request waits for the services behind was not measured');
  if (change.mix !== null && !isMixOf(plan.traffic, change.mix))
    refusals.push(
      '--mix: one run with one mix does not tell what each endpoint takes of the processors; run once with the other mix',
    );
  return refusals;
}

function isMixOf(traffic: RunRecord['plan']['traffic'], mix: Readonly<Record<string, number>>): boolean {
  if (traffic.kind !== 'endpoints') return false;
  const whole = traffic.endpoints.reduce((sum, { weight }) => sum + weight, 0);
  return (
    Object.keys(mix).length === traffic.endpoints.length &&
    traffic.endpoints.every(({ name, weight }) => Math.abs((mix[name] ?? 0) - weight / whole) < rounding)
  );
}

function refusedProcessors(asked: number, before: number | null): string[] {
  if (before === null) return ['--cpus: the run does not tell how many processors the service had'];
  if (asked > farthestFactor * before || asked < before / farthestFactor)
    return [
      `--cpus: the run had ${before}; ${asked} is beyond ${farthestFactor} times that, and how it scales was not measured`,
    ];
  return [];
}

/** Only where processors are what requests queue for: a queue of so many servers, as busy as the processors were. */
function withProcessors(
  stations: readonly PlausibleStation[],
  processors: number,
  { perSecond, target }: MeasuredLevel,
): readonly PlausibleStation[] | { readonly refused: string } {
  const { cpuCores = null, cpuCoresAvailable = null } = target ?? {};
  const heldMs = cpuCores === null ? null : (cpuCores * seconds(1)) / perSecond;
  const theirs = stations.filter((station) => station.servers === cpuCoresAvailable && alike(station.heldMs, heldMs));
  if (theirs.length === 0)
    return { refused: '--cpus: processors are not what requests queue for in this run, as far as it tells' };
  return theirs.map((station) => ({ ...station, servers: processors }));
}

function poolOf({ target, perSecond }: MeasuredLevel, instancePerSecond: number): ChangedPool | null {
  const [pool, ...more] = target?.pools ?? [];
  if (pool?.maxOpen == null || pool.inUse === null || more.length > 0) return null;
  return {
    maxOpen: pool.maxOpen,
    inUse: (pool.inUse * instancePerSecond) / perSecond,
    heldMs: (pool.inUse * seconds(1)) / perSecond,
  };
}

function refusedPool(after: ChangedPool | null, before: ChangedPool): string[] {
  if (after === null) return [];
  if (after.inUse >= after.maxOpen)
    return [`--pool: ${after.maxOpen} connections cannot carry it: ${text(after.inUse)} would be in use all the time`];
  // A queue that now forms in the pool moves to the database when the pool grows.
  if (after.maxOpen > farthestFactor * before.maxOpen && before.inUse > before.maxOpen / farthestFactor)
    return [`--pool: the database was not measured with more than ${before.maxOpen} connections at once`];
  return [];
}

/** Where the pool is what requests queue for; else only where nobody waits for a connection, before and after. */
function withPool(
  stations: readonly PlausibleStation[],
  after: ChangedPool,
  before: ChangedPool,
): readonly PlausibleStation[] | { readonly refused: string } {
  const theirs = stations.filter(
    (station) => station.servers === before.maxOpen && alike(station.heldMs, before.heldMs),
  );
  if (theirs.length > 0) return theirs.map((station) => ({ ...station, servers: after.maxOpen }));
  const aloneMs = stations[0]?.aloneMs ?? 0;
  const negligible = [before, after].every((pool) => poolWait(pool) < negligibleWait * aloneMs);
  return negligible
    ? stations
    : { refused: '--pool: connections are not what requests queue for in this run, as far as it tells' };
}

/** Mean wait per request as Erlang's C gives it, in ms. */
export function poolWait({ maxOpen, inUse, heldMs }: ChangedPool): number {
  return inUse >= maxOpen ? Infinity : (erlangC(maxOpen, inUse) * heldMs) / (maxOpen - inUse);
}

const negligibleWait = 0.01;
const rounding = 1e-9;

/** Within what use and rate of processors and pools are measured to. */
function alike(one: number, other: number | null): boolean {
  return other !== null && other > 0 && Math.abs(Math.log(one / other)) < alikeWithin;
}

const alikeWithin = 0.1;

const text = (value: number): string => String(Number(value.toPrecision(3)));
