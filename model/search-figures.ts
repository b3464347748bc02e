import type { Estimate } from './finding.ts';
import type { Milliseconds, PerSecond } from './units.ts';

/** What a search found, for its reports and its JSON (docs/search.md). */
export interface SearchFigures {
  /**
   * `found`: a rate that passes and one that fails. Else why not: the generator was the limit, no rate that was allowed
   * overloads the target, every one does; `unfinished`: interrupted or failed before an answer.
   */
  readonly status: 'found' | 'generator-limited' | 'never-overloaded' | 'always-overloaded' | 'unfinished';
  /** Low: the highest rate that passed (without `found`, the highest that was seen to hold); high: the lowest that failed. */
  readonly boundsPerSecond: { readonly low: PerSecond | null; readonly high: PerSecond | null };
  /** Where the objective is crossed. Null unless found. */
  readonly crossingPerSecond: Estimate | null;
  /** Whether `boundsPerSecond` are as close as was asked for, or time ran out; null unless found. */
  readonly ended: 'bracket' | 'budget' | null;
  /** Whether this is enough to rely on; with the reasons why not, for people. */
  readonly conclusive: boolean;
  readonly reasons: readonly string[];
  /** The objective that decided, as written; null where none could be told. */
  readonly objective: string | null;
  /** The share of requests that may violate it, in a window of that length. */
  readonly limit: number | null;
  readonly windowMs: Milliseconds;
  /** What was done within the objective per second, at the highest rate that was tried and passed. */
  readonly conditionalThroughputPerSecond: (Estimate & { readonly atPerSecond: PerSecond }) | null;
  readonly certificate: Certificate | null;
  /** One line for each search, where there were several. */
  readonly searches: readonly SearchLine[];
  readonly probes: readonly ProbeFigures[];
}

/** What a rate was certified by. */
export interface Certificate {
  readonly ratePerSecond: PerSecond;
  /** Of the trials that decided. */
  readonly durationMs: Milliseconds;
  /** Probability with which the objective is kept at the rate, at least. */
  readonly confidence: number;
  /** How often the target was started anew between the search's first trial and its last. */
  readonly restarts: number;
  /** `search`: by the search's own trials; `confirmation`: by a trial of its own afterwards. */
  readonly by: 'search' | 'confirmation';
  readonly result: 'pass' | 'fail' | 'undecided' | 'invalid';
  readonly note: string;
}

export interface SearchLine {
  readonly ratePerSecond: PerSecond;
  readonly failsFromPerSecond: PerSecond;
  readonly crossingPerSecond: Estimate;
  readonly certifiedMs: Milliseconds;
}

/** One trial as it was seen. */
export interface ProbeFigures {
  /** Search it belongs to, from 1; the confirmation has that of the last. */
  readonly search: number;
  readonly purpose: 'overload' | 'probe' | 'certify' | 'confirm';
  readonly ratePerSecond: PerSecond;
  readonly durationMs: Milliseconds;
  /** Share of the due requests that violated the objective which decided; null without a request. */
  readonly violationShare: Estimate | null;
  /** `invalid`: the generator was the limit, so that it says nothing of the target; `open`: the search is not over. */
  readonly decision: 'pass' | 'fail' | 'undecided' | 'invalid' | 'open';
  readonly reasons: readonly string[];
  /** Id of its run, whose record is in the search's folder. */
  readonly run: string;
}
