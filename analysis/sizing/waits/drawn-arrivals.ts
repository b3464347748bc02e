import type { Random } from '../../../model/random.ts';
import { seconds } from '../../../model/units.ts';
import { type Distribution, sampler } from '../../models/queueing/distribution.ts';
import type { WaitingLoad } from './waiting-load.ts';

/**
 * When arrivals of a load come and how long each keeps a server, ms; as many as are asked for, and the first ones are
 * always the same. Gaps are gamma and times lognormal: see `familyOf`.
 */
export class DrawnArrivals {
  readonly #gap: () => number;
  readonly #hold: () => number;
  #dues = new Float64Array(0);
  #holds = new Float64Array(0);

  constructor({ arrivalRate, arrivalCv, serviceTime, serviceCv }: WaitingLoad, random: Random) {
    const drawGap = sampler(familyOf(arrivalCv, 'gamma'), random);
    const drawHold = sampler(familyOf(serviceCv, 'lognormal'), random);
    const meanGap = seconds(1) / arrivalRate;
    this.#gap = () => meanGap * drawGap();
    this.#hold = () => serviceTime * drawHold();
  }

  first(count: number): { readonly dues: Float64Array; readonly holds: Float64Array } {
    const known = this.#dues.length;
    if (count > known) {
      const [dues, holds] = [new Float64Array(count), new Float64Array(count)];
      dues.set(this.#dues);
      holds.set(this.#holds);
      let due = this.#dues[known - 1] ?? 0;
      for (let arrival = known; arrival < count; arrival++) {
        due += this.#gap();
        dues[arrival] = due;
        holds[arrival] = this.#hold();
      }
      this.#dues = dues;
      this.#holds = holds;
    }
    return { dues: this.#dues.subarray(0, count), holds: this.#holds.subarray(0, count) };
  }
}

/**
 * Mean and cv don't fix a distribution, so this is an assumption that has to be said: exponential at 1, constant at 0,
 * and otherwise the named family.
 */
function familyOf(cv: number, otherwise: 'lognormal' | 'gamma'): Distribution {
  if (cv === 1) return { kind: 'exponential' };
  return cv === 0 ? { kind: 'constant' } : { kind: otherwise, cv };
}
