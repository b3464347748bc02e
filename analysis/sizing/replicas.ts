import { UnitError } from '../../model/units.ts';
import {
  type ExactNumber,
  compare,
  dividedBy,
  exactText,
  exactly,
  nearestFloat,
  roundedDown,
  roundedUp,
  times,
} from './exact-number.ts';

export interface ReplicasAsked {
  /** Requests per second that one instance carries with its objectives met. */
  readonly capacity: ExactNumber;
  /** Peak of the forecast, per second; where it is uncertain its two ends, which are equal where it is not. */
  readonly forecast: { readonly low: ExactNumber; readonly high: ExactNumber };
  /** The highest second of the peak over the forecast peak; 1 where the forecast is that second. */
  readonly burst: ExactNumber;
  /** Mean load of an instance / load of the busiest one, above 0 to 1. */
  readonly balance: ExactNumber;
  readonly zones: number;
  /** Below `zones`. */
  readonly zonesLost: number;
  /** Instances that a rolling update may take away at a time, and may add. */
  readonly maxUnavailable: number;
  readonly maxSurge: number;
  readonly database: {
    /** Connections that one instance may open; null: not given. */
    readonly pool: number | null;
    /** Connections that the database has for this service; null: not given. */
    readonly connections: number | null;
  };
}

export interface ReplicasAnswer {
  readonly replicas: number;
  readonly perZone: number;
  /** Instances that carry the peak, none of them missing. */
  readonly needed: number;
  /** The same for the forecast's lower end, and for a load that one instance carries. */
  readonly replicasForLow: number;
  readonly replicasAtLeast: number;
  /** Load of the busiest instance at the peak as a share of its capacity: all there, and with zones and updates missing. */
  readonly utilization: { readonly allThere: number; readonly someMissing: number };
  readonly database: DatabaseAnswer | null;
  readonly arithmetic: readonly string[];
}

export interface DatabaseAnswer {
  /** Connections opened at most, during a rolling update; null without a pool. */
  readonly needed: number | null;
  readonly allowed: number | null;
  /** The largest pool per instance that the database allows; null where it is not known what it allows. */
  readonly largestPool: number | null;
  /** Null where one of both is not known. */
  readonly fits: boolean | null;
}

/**
 * Instances for a forecast peak, with zones that may fail and rolling updates, in exact decimals:
 *
 *   n0       = ⌈forecast · burst / (capacity · balance)⌉
 *   per zone = ⌈(n0 + max unavailable) / (zones − zones lost)⌉
 *   replicas = zones · per zone
 *
 * For an uncertain forecast its upper end counts. Connections to the database are counted with the instances that a
 * rolling update adds.
 *
 * Source: static stability over zones as in the AWS Builders' Library; the rest is arithmetic.
 *
 * @throws UnitError for more than a million instances
 */
export function sizeReplicas(asked: ReplicasAsked): ReplicasAnswer {
  const { capacity, forecast, burst, balance, zones, zonesLost, maxUnavailable } = asked;
  const carried = times(capacity, balance);
  const peak = times(forecast.high, burst);
  const quotient = dividedBy(peak, carried);
  if (compare(quotient, exactly(largestReplicas)) > 0)
    throw new UnitError(`that takes over ${largestReplicas} instances`, 'look at the units of capacity and forecast');
  const needed = Number(roundedUp(quotient));
  const { perZone, replicas } = spread(needed, asked);
  const left = (zones - zonesLost) * perZone - maxUnavailable;
  const database = databaseFor(replicas, asked);
  const bursting = nearestFloat(burst) === 1 ? '' : ` · ${exactText(burst)}`;
  return {
    replicas,
    perZone,
    needed,
    replicasForLow: spread(Number(roundedUp(dividedBy(times(forecast.low, burst), carried))), asked).replicas,
    replicasAtLeast: spread(1, asked).replicas,
    utilization: {
      allThere: nearestFloat(dividedBy(quotient, exactly(replicas))),
      someMissing: nearestFloat(dividedBy(quotient, exactly(left))),
    },
    database,
    arithmetic: [
      `needed = ⌈${exactText(forecast.high)}${bursting} / (${exactText(capacity)} · ${exactText(balance)})⌉ = ⌈${exactText(quotient)}⌉ = ${needed}`,
      `per zone = ⌈(${needed} + ${maxUnavailable}) / (${zones} − ${zonesLost})⌉ = ⌈${exactText(dividedBy(exactly(needed + maxUnavailable), exactly(zones - zonesLost)))}⌉ = ${perZone}`,
      `replicas = ${zones} · ${perZone} = ${replicas}`,
      ...databaseLines(replicas, asked, database),
    ],
  };
}

const largestReplicas = 1_000_000;

function spread(
  needed: number,
  { zones, zonesLost, maxUnavailable }: ReplicasAsked,
): { perZone: number; replicas: number } {
  const perZone = Number(roundedUp(dividedBy(exactly(needed + maxUnavailable), exactly(zones - zonesLost))));
  return { perZone, replicas: zones * perZone };
}

function databaseFor(replicas: number, { maxSurge, database }: ReplicasAsked): DatabaseAnswer | null {
  const { pool, connections } = database;
  if (pool === null && connections === null) return null;
  const opening = replicas + maxSurge;
  const needed = pool === null ? null : opening * pool;
  return {
    needed,
    allowed: connections,
    largestPool: connections === null ? null : Number(roundedDown(dividedBy(exactly(connections), exactly(opening)))),
    fits: needed === null || connections === null ? null : needed <= connections,
  };
}

function databaseLines(replicas: number, asked: ReplicasAsked, answer: DatabaseAnswer | null): readonly string[] {
  if (answer === null) return [];
  const { maxSurge, database } = asked;
  const { needed, allowed, largestPool, fits } = answer;
  return [
    ...(needed === null
      ? []
      : [
          `connections = (${replicas} + ${maxSurge}) · ${database.pool} = ${needed}${fits === null ? '' : fits ? ` ≤ ${allowed}` : ` > ${allowed}`}`,
        ]),
    ...(largestPool === null
      ? []
      : [`largest pool = ⌊${allowed} / (${replicas} + ${maxSurge})⌋ = ${largestPool} per instance`]),
  ];
}
