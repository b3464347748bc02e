import {
  type Bytes,
  type Milliseconds,
  bytes,
  microseconds,
  milliseconds,
  millisecondsOf,
} from '../../../model/units.ts';

/** What the generator's own process used since it was last asked. */
export class Vitals {
  #cpu = process.cpuUsage();
  #stallMax = 0;

  /** The loop was to wake up at `expected` and did at `now`. */
  woke(expected: number, now: number): void {
    if (now - expected > this.#stallMax) this.#stallMax = now - expected;
  }

  take(): { cpuMs: Milliseconds; stallMaxMs: Milliseconds; rssBytes: Bytes } {
    const used = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const stallMaxMs = milliseconds(this.#stallMax);
    this.#stallMax = 0;
    return {
      cpuMs: millisecondsOf(microseconds(used.user + used.system)),
      stallMaxMs,
      rssBytes: bytes(process.memoryUsage.rss()),
    };
  }
}
