import { type AutoscalerSettings, hpaManifest, kedaManifest, loadPerInstance } from '../analysis/sizing/autoscaler.ts';
import { nearestFloat, times } from '../analysis/sizing/exact-number.ts';
import { type DatabaseAnswer, type ReplicasAsked, sizeReplicas } from '../analysis/sizing/replicas.ts';
import type { KnownCapacity } from './capacity-of-run.ts';

export interface SizingWarning {
  readonly code: 'capacity-unknown' | 'database-bound';
  readonly message: string;
}

/** What `plimsoll size replicas --json` prints, `schema` apart; null is what could not be told, and a warning says why. */
export interface ReplicasFigures {
  readonly replicas: number | null;
  readonly perZone: number | null;
  readonly arithmetic: readonly string[];
  readonly capacity: { readonly perSecond: number | null; readonly source: string; readonly note: string | null };
  readonly forecastPerSecond: { readonly low: number; readonly high: number };
  /** Of the busiest instance, at the peak. */
  readonly utilization: { readonly allThere: number; readonly someMissing: number } | null;
  readonly database: DatabaseAnswer | null;
  /** What an autoscaler is to be told; null where none was asked for, or where the answer must not be used. */
  readonly manifest: object | null;
  readonly method: string;
  readonly warnings: readonly SizingWarning[];
}

export interface Autoscaler extends Pick<AutoscalerSettings, 'deployment' | 'metric' | 'prometheus'> {
  readonly format: 'hpa' | 'keda';
}

const method =
  'needed = ⌈forecast · burst / (capacity · balance)⌉, per zone = ⌈(needed + max unavailable) / (zones − zones lost)⌉, exact decimals';

export function replicasFigures(
  given: ReplicasAsked,
  capacity: KnownCapacity & { readonly status: 'known' },
  autoscaler: Autoscaler | null,
): ReplicasFigures {
  const asked = { ...given, capacity: capacity.exactly };
  const answer = sizeReplicas(asked);
  const { replicas, perZone, arithmetic, utilization, database } = answer;
  const fits = database?.fits !== false;
  return {
    replicas,
    perZone,
    arithmetic,
    capacity: { perSecond: capacity.perSecond, source: capacity.source, note: capacity.note },
    forecastPerSecond: forecastOf(asked),
    utilization,
    database,
    manifest: autoscaler === null || !fits ? null : manifestOf(autoscaler, asked, answer),
    method,
    warnings: fits
      ? []
      : [
          {
            code: 'database-bound',
            message: `the database gives way first: ${replicas} instances and those that an update adds open ${database?.needed} connections, it has ${database?.allowed}; ${database?.largestPool === 0 ? 'no pool fits' : `a pool of ${database?.largestPool} each would fit`}, or put a pooler between`,
          },
        ],
  };
}

/** Without a capacity there is no figure. */
export function unknownReplicas(
  { source, reason }: KnownCapacity & { readonly status: 'unknown' },
  asked: Pick<ReplicasAsked, 'forecast'>,
): ReplicasFigures {
  return {
    replicas: null,
    perZone: null,
    arithmetic: [],
    capacity: { perSecond: null, source, note: null },
    forecastPerSecond: forecastOf(asked),
    utilization: null,
    database: null,
    manifest: null,
    method,
    warnings: [{ code: 'capacity-unknown', message: reason }],
  };
}

const forecastOf = ({ forecast }: Pick<ReplicasAsked, 'forecast'>): ReplicasFigures['forecastPerSecond'] => ({
  low: nearestFloat(forecast.low),
  high: nearestFloat(forecast.high),
});

function manifestOf(
  { format, ...names }: Autoscaler,
  { forecast, burst }: ReplicasAsked,
  { replicas, replicasAtLeast }: ReturnType<typeof sizeReplicas>,
): object {
  const settings = {
    ...names,
    least: Math.min(replicas, replicasAtLeast),
    most: replicas,
    perInstance: loadPerInstance(times(forecast.high, burst), replicas),
  };
  return format === 'hpa' ? hpaManifest(settings) : kedaManifest(settings);
}
