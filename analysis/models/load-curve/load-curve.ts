/** A figure of one stage at the load it was measured at. */
export interface CurvePoint {
  readonly load: number;
  readonly value: number;
  /** Standard error of the value as far as the stage itself tells it; 0 where it tells none. */
  readonly error: number;
}

/**
 * How a figure goes with load:
 * - linear: base + scale · load. Whatever each request adds a share to: CPU, allocation, memory.
 * - queue: base + scale · ρ^exponent / (1 − ρ) with ρ = load / capacity. Whatever waits: response times, pool waits,
 *   requests in the system. With exponent √(2(c + 1)) − 1 it is Sakasegawa's wait of c servers; its mean and, near
 *   saturation, where waits are exponential, its quantiles have this form.
 *
 * Source: Sakasegawa, "An approximation formula L_q ≃ α·ρ^β/(1−ρ)", Annals of the Institute of Statistical
 * Mathematics 29, 1977.
 */
export type LoadCurve =
  | { readonly shape: 'linear'; readonly base: number; readonly scale: number }
  | {
      readonly shape: 'queue';
      readonly base: number;
      readonly scale: number;
      readonly capacity: number;
      readonly exponent: number;
    };

/** Infinity from its capacity on: there is no steady value. */
export function curveValue(curve: LoadCurve, load: number): number {
  switch (curve.shape) {
    case 'linear':
      return curve.base + curve.scale * load;
    case 'queue': {
      const use = load / curve.capacity;
      return use >= 1 ? Infinity : curve.base + (curve.scale * use ** curve.exponent) / (1 - use);
    }
    default:
      return curve satisfies never;
  }
}

/** The load at which a curve that rises reaches a value: 0 where it is above it from the start, Infinity for never. */
export function curveLoad(curve: LoadCurve, value: number): number {
  if (curve.base >= value) return 0;
  if (curve.scale <= 0) return Infinity;
  switch (curve.shape) {
    case 'linear':
      return (value - curve.base) / curve.scale;
    case 'queue': {
      let [below, above] = [0, curve.capacity];
      for (let step = 0; step < bisections; step++) {
        const middle = (below + above) / 2;
        if (curveValue(curve, middle) < value) below = middle;
        else above = middle;
      }
      return below;
    }
    default:
      return curve satisfies never;
  }
}

/** A double has no more digits to halve. */
const bisections = 60;
