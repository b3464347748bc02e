/**
 * The fewest connections with which T concurrent requests that each hold C connections at once can't all wait for one
 * another: T (C − 1) + 1, for then at least one request has all it needs. Null where a request holds one at a time.
 *
 * Source: HikariCP, "About Pool Sizing" (4 threads of 3 connections → 9; 3 of 4 → 10; 8 of 3 → 17).
 */
export function deadlockBound(requestsAtOnce: number, connectionsPerRequest: number): number | null {
  return connectionsPerRequest === 1 ? null : requestsAtOnce * (connectionsPerRequest - 1) + 1;
}
