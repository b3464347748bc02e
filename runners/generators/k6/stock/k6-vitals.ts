import { readFileSync } from 'node:fs';
import { type Bytes, type Milliseconds, bytes, kibibytes, milliseconds, seconds } from '../../../../model/units.ts';
import { parseStat } from '../../../collectors/process-collector.ts';
import { Vitals } from '../../autocannon/vitals.ts';

/** Clock ticks of the kernel in a second (USER_HZ). */
const ticksPerSecond = 100;

/** What k6 and the process that reads it used since they were last asked. */
export class K6Vitals {
  readonly #own = new Vitals();
  readonly #processId: number;
  #ticks = 0;

  constructor(processId: number) {
    this.#processId = processId;
    this.take();
  }

  /** The reader was to wake up at `expected` and did at `now`. */
  woke(expected: number, now: number): void {
    this.#own.woke(expected, now);
  }

  take(): { cpuMs: Milliseconds; stallMaxMs: Milliseconds; rssBytes: Bytes } {
    const { cpuMs, stallMaxMs, rssBytes } = this.#own.take();
    const before = this.#ticks;
    const stat = parseStat(this.#read('stat'));
    this.#ticks = stat === null ? before : (stat.userTicks ?? 0) + (stat.systemTicks ?? 0);
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(this.#read('status') ?? '')?.[1];
    return {
      cpuMs: milliseconds(cpuMs + seconds((this.#ticks - before) / ticksPerSecond)),
      stallMaxMs,
      rssBytes: bytes(rssBytes + kibibytes(Number(resident ?? 0))),
    };
  }

  /** Null where the process has ended. */
  #read(file: string): string | null {
    try {
      return readFileSync(`/proc/${this.#processId}/${file}`, 'utf8');
    } catch {
      return null;
    }
  }
}
