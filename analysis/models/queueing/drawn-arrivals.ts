import type { Random } from '../../../model/random.ts';
import { type Distribution, sampler } from './distribution.ts';

export interface ArrivalProcess {
  /** Means in one unit of time, and the shapes around them. */
  readonly meanGap: number;
  readonly gaps: Distribution;
  readonly meanHold: number;
  readonly holds: Distribution;
}

/**
 * When arrivals come and how long each holds a server, for `waitsInLine`: as many as are asked for, and the first ones are
 * always the same.
 */
export class DrawnArrivals {
  readonly #nextGap: () => number;
  readonly #nextHold: () => number;
  #dues = new Float64Array(0);
  #holds = new Float64Array(0);

  constructor({ meanGap, gaps, meanHold, holds }: ArrivalProcess, random: Random) {
    const drawGap = sampler(gaps, random);
    const drawHold = sampler(holds, random);
    this.#nextGap = () => meanGap * drawGap();
    this.#nextHold = () => meanHold * drawHold();
  }

  first(count: number): { readonly dues: Float64Array; readonly holds: Float64Array } {
    const known = this.#dues.length;
    if (count > known) {
      const [dues, holds] = [new Float64Array(count), new Float64Array(count)];
      dues.set(this.#dues);
      holds.set(this.#holds);
      let due = this.#dues[known - 1] ?? 0;
      for (let arrival = known; arrival < count; arrival++) {
        due += this.#nextGap();
        dues[arrival] = due;
        holds[arrival] = this.#nextHold();
      }
      this.#dues = dues;
      this.#holds = holds;
    }
    return { dues: this.#dues.subarray(0, count), holds: this.#holds.subarray(0, count) };
  }
}
