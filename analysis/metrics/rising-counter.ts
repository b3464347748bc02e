/**
 * A counter out of sums that may fall although nothing restarted: sums over the threads alive (what an ended thread had
 * counted is gone), or the kernel's idle times, which are corrected now and then. A fall adds nothing, so the result is
 * a lower bound of what was counted.
 */
export class RisingCounter {
  #lost = 0;
  #previous = -Infinity;

  /** The counter's value, given what was read; null where nothing was. */
  next(read: number | null): number | null {
    if (read === null) return null;
    if (read < this.#previous) this.#lost += this.#previous - read;
    this.#previous = read;
    return read + this.#lost;
  }
}

/** One for each name. */
export class RisingCounters {
  readonly #counters = new Map<string, RisingCounter>();

  next(name: string, read: number | null): number | null {
    const counter = this.#counters.get(name) ?? new RisingCounter();
    this.#counters.set(name, counter);
    return counter.next(read);
  }

  /** Forgets all: another process counts from nothing. */
  restart(): void {
    this.#counters.clear();
  }
}
