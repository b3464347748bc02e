import type { Bytes } from '../../model/units.ts';

/** What is to be otherwise than in the run; null: as it was. */
export interface WhatIfChange {
  /** Of all replicas together. */
  readonly ratePerSecond: number | null;
  readonly replicas: number | null;
  readonly pool: number | null;
  readonly cpus: number | null;
  readonly gogc: string | null;
  readonly memoryBytes: Bytes | null;
  /** Endpoint → share of the requests; shares add up to 1. */
  readonly mix: Readonly<Record<string, number>> | null;
  /** The services behind take so many times as long. */
  readonly downstreamSlower: number | null;
}
