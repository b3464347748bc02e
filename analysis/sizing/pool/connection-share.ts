/** Who takes connections of one database. */
export interface ConnectionsAsked {
  readonly maxConnections: number;
  /** Kept for administrators: superuser_reserved_connections and reserved_connections. */
  readonly reserved: number;
  /** Connections of everybody else: other services, jobs, migrations, people. */
  readonly otherClients: number;
  /** Instances of this service, and those that a rolling update adds while the old ones still run. */
  readonly replicas: number;
  readonly maxSurge: number;
}

export interface ConnectionShare {
  /** The largest pool that each instance may have; 0 where there are not enough for one each. */
  readonly largestPool: number;
  readonly free: number;
  readonly instances: number;
  readonly arithmetic: readonly string[];
}

/** Each instance's part of the database's connections, an update under way:
 *
 *   free         = max connections − reserved − other clients
 *   instances    = replicas + max surge
 *   largest pool = ⌊free / instances⌋
 */
export function connectionShare(asked: ConnectionsAsked): ConnectionShare {
  const { maxConnections, reserved, otherClients, replicas, maxSurge } = asked;
  const free = Math.max(0, maxConnections - reserved - otherClients);
  const instances = replicas + maxSurge;
  const largestPool = Math.floor(free / instances);
  return {
    largestPool,
    free,
    instances,
    arithmetic: [
      `free connections = ${maxConnections} − ${reserved} − ${otherClients} = ${maxConnections - reserved - otherClients}`,
      `instances = ${replicas} + ${maxSurge} = ${instances}`,
      `largest pool = ⌊${free} / ${instances}⌋ = ${largestPool} per instance`,
    ],
  };
}

/** The lines that show what a pool of so many takes of it. */
export function connectionUse(pool: number, { free, instances }: ConnectionShare): string {
  const used = pool * instances;
  return `connections of this service = ${pool} · ${instances} = ${used} ${used <= free ? '≤' : '>'} ${free}`;
}
