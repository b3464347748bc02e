/** Counters of one statement at one moment. */
export interface StatementCounters {
  readonly id: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
}

interface Tracked {
  last: StatementCounters;
  calls: number;
  totalMs: number;
  rows: number;
}

/** What statements have counted since the first look at them. */
export interface GrownStatements {
  /** Those that took most time, and all that were ever among them, as long as there are not too many. */
  readonly listed: readonly StatementCounters[];
  /** All the rest that were called at all, together. */
  readonly others: {
    readonly statements: number;
    readonly calls: number;
    readonly totalMs: number;
    readonly rows: number;
  };
}

const mostListed = 20;
/** Once listed a statement stays, so that its counter has no gaps; a database with ever new ones has to end somewhere. */
const mostKept = 60;

/**
 * Counters of statements are those of a server that may run for months, and can be thousands: kept here is what they grew by
 * since the first look, so that few numbers are recorded and those at the top are this run's. A counter that fell was reset
 * or its statement thrown out and met again: what it shows then has been counted since.
 */
export class StatementGrowth {
  readonly #tracked = new Map<string, Tracked>();
  readonly #kept = new Set<string>();
  #looked = false;

  look(counters: readonly StatementCounters[]): void {
    for (const now of counters) {
      const known = this.#tracked.get(now.id);
      if (known === undefined) {
        // One that was not there at the first look has counted all of it since.
        const grown = this.#looked ? now : { calls: 0, totalMs: 0, rows: 0 };
        this.#tracked.set(now.id, { last: now, calls: grown.calls, totalMs: grown.totalMs, rows: grown.rows });
        continue;
      }
      const restarted = now.calls < known.last.calls;
      known.calls += restarted ? now.calls : now.calls - known.last.calls;
      known.totalMs += restarted ? now.totalMs : Math.max(0, now.totalMs - known.last.totalMs);
      known.rows += restarted ? now.rows : Math.max(0, now.rows - known.last.rows);
      known.last = now;
    }
    this.#looked = true;
  }

  knows(id: string): boolean {
    return this.#tracked.has(id);
  }

  /** @param without ids that are not to be listed or counted */
  grown(without: ReadonlySet<string>): GrownStatements {
    const called = [...this.#tracked]
      .filter(([id, { calls }]) => calls > 0 && !without.has(id))
      .map(([id, { calls, totalMs, rows }]) => ({ id, calls, totalMs, rows }))
      .toSorted((one, other) => other.totalMs - one.totalMs);
    for (const { id } of called.slice(0, mostListed)) if (this.#kept.size < mostKept) this.#kept.add(id);
    const others = { statements: 0, calls: 0, totalMs: 0, rows: 0 };
    for (const { id, calls, totalMs, rows } of called) {
      if (this.#kept.has(id)) continue;
      others.statements++;
      others.calls += calls;
      others.totalMs += totalMs;
      others.rows += rows;
    }
    return { listed: called.filter(({ id }) => this.#kept.has(id)), others };
  }
}
