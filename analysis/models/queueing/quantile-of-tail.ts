import { type Milliseconds, milliseconds } from '../../../model/units.ts';

/**
 * The shortest time t ≥ 0 with tail(t) ≤ 1 − probability, by bisection to the last bit or so of a double. `tail` must
 * not rise and must go to 0.
 *
 * @param scale a time of the right order, such as the mean service time
 * @throws RangeError unless 0 ≤ probability < 1.
 */
export function quantileOfTail(
  tail: (time: Milliseconds) => number,
  probability: number,
  scale: Milliseconds,
): Milliseconds {
  if (!(probability >= 0 && probability < 1)) throw new RangeError(`probability ${probability} is not in 0 to 1`);
  const share = 1 - probability;
  if (tail(milliseconds(0)) <= share) return milliseconds(0);
  let low = 0;
  let high: number = scale;
  while (tail(milliseconds(high)) > share) {
    low = high;
    high *= 2;
    if (!Number.isFinite(high)) throw new RangeError('the tail does not end');
  }
  for (let step = 0; step < bisections; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (tail(milliseconds(middle)) > share) low = middle;
    else high = middle;
  }
  return milliseconds(high);
}

const bisections = 100;
