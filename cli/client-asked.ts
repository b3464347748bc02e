import type { SizingQuestion } from '../analysis/sizing/waits/size-servers.ts';
import type { Milliseconds } from '../model/units.ts';
import type { CallsOfRun } from './calls-of-run.ts';

/** What is asked of the connections of an HTTP client to one server. */
export interface ClientAsked extends Pick<SizingQuestion, 'load' | 'lightest' | 'heaviest' | 'objective'> {
  readonly callsPerRequest: number;
  /** Calls that the server behind answers at once without slowing; null: not given. */
  readonly downstreamServers: number | null;
  /** Servers that the client calls, this one among them. */
  readonly hosts: number;
  /** How long the server behind keeps an idle connection; null: not given. */
  readonly serverKeeps: Milliseconds | null;
  /** Time below which 99.9 % of the calls are answered, as given or measured; null: not known. */
  readonly slowest: Milliseconds | null;
  /** What the caller has left for the call; null: not given. */
  readonly deadline: Milliseconds | null;
  /** What call times were taken from; null where they were given. */
  readonly measured: (CallsOfRun & { readonly status: 'measured' }) | null;
}
