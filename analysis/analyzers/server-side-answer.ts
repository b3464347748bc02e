import type { Milliseconds } from '../../model/units.ts';
import type { Warning } from '../analysis.ts';

/** What the target's own histogram says of the share of requests within a duration, beside what the client saw. */
export interface ServerSideShare {
  readonly objective: string;
  readonly stage: number;
  /** Name of the histogram. */
  readonly source: string;
  readonly durationMs: Milliseconds;
  /** Shares within the duration, of answered requests both; the server's is exact, since a bucket ends there. */
  readonly server: number;
  readonly client: number;
}

export interface ServerSideAnswer {
  readonly shares: readonly ServerSideShare[];
  readonly warnings: readonly Warning[];
}
