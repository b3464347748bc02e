import { Int32Histogram, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { type Microseconds, type Milliseconds, microseconds, millisecondsOf } from './units.ts';

/** Three significant digits: a value is known to 0.1 %. */
const digits = 3 as const;
/** One hour. A longer time is recorded as this, and counted in `clipped`. */
const highest = 3_600_000_000;

/**
 * Latencies as a histogram (HdrHistogram: 3 significant digits, whole microseconds, 1 µs to 1 h). Histograms add up
 * without loss; quantiles never do, so nothing in plimsoll takes a list of quantiles.
 */
export class LatencyHistogram {
  #histogram = new Int32Histogram(1, highest, digits);
  #clipped = 0;

  /** @throws Error where the text is not an HdrHistogram V2 in base64. */
  static decode(base64: string): LatencyHistogram {
    const decoded = new LatencyHistogram();
    decoded.addEncoded(base64);
    return decoded;
  }

  static merge(parts: Iterable<LatencyHistogram>): LatencyHistogram {
    const merged = new LatencyHistogram();
    for (const part of parts) merged.add(part);
    return merged;
  }

  /** Negative values (a clock step) count as 0, longer ones than an hour as an hour. */
  record(value: Microseconds, count = 1): void {
    if (value > highest) this.#clipped += count;
    const bounded = Math.min(Math.max(0, Math.round(value)), highest);
    if (count === 1) this.#histogram.recordValue(bounded);
    else this.#histogram.recordValueWithCount(bounded, count);
  }

  add(other: LatencyHistogram): void {
    if (other.count > 0) this.#histogram.add(other.#histogram);
    this.#clipped += other.#clipped;
  }

  /** Adds what `encode` of this or of any other HdrHistogram library gave. @throws Error where it is not that. */
  addEncoded(base64: string): void {
    const decoded = decodeFromCompressedBase64(base64, 32, false);
    if (!(decoded instanceof Int32Histogram)) throw new TypeError('not a 32-bit HdrHistogram');
    // Adding goes through all buckets, filled or not.
    if (this.count === 0 && isOurs(decoded)) this.#histogram = decoded;
    else this.#histogram.add(decoded);
  }

  /** Forgets everything; cheaper than a new one (90 kB). */
  reset(): void {
    this.#histogram.reset();
    this.#clipped = 0;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  get clipped(): number {
    return this.#clipped;
  }

  /**
   * The smallest recorded value v with at least quantile × count values ≤ v (inverse of the empirical distribution,
   * Hyndman and Fan's type 1), to 3 digits; null where nothing was recorded.
   */
  quantile(quantile: number): Milliseconds | null {
    if (this.count === 0) return null;
    return millisecondsOf(microseconds(this.#histogram.getValueAtPercentile(quantile * 100)));
  }

  max(): Milliseconds | null {
    return this.count === 0 ? null : millisecondsOf(microseconds(this.#histogram.maxValue));
  }

  mean(): Milliseconds | null {
    return this.count === 0 ? null : millisecondsOf(microseconds(this.#histogram.mean));
  }

  /** How many recorded values are ≤ the limit (to the width of a bucket, 0.1 %). */
  countAtOrBelow(limit: Microseconds): number {
    let total = 0;
    for (const bucket of this.buckets()) {
      if (bucket.value > limit) break;
      total += bucket.count;
    }
    return total;
  }

  /** Non-empty buckets in rising order; `value` is the highest value that counts into the bucket. */
  *buckets(): Generator<{ value: Microseconds; count: number }> {
    let rest = this.count;
    for (let index = 0; rest > 0 && index < this.#histogram.countsArrayLength; index++) {
      const count = this.#histogram.getCountAtIndex(index);
      if (count === 0) continue;
      rest -= count;
      yield { value: highestOf(index), count };
    }
  }

  /** HdrHistogram V2, deflated, base64. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }
}

const isOurs = ({
  lowestDiscernibleValue,
  highestTrackableValue,
  numberOfSignificantValueDigits,
}: Int32Histogram): boolean =>
  lowestDiscernibleValue === 1 && highestTrackableValue === highest && numberOfSignificantValueDigits === digits;

/** Each 1,024 buckets are twice as wide as those before them, but for the first 2,048, which are one wide. */
const halfRow = 1024;

/** Highest value that counts into a bucket; as the histogram has it, with far less work. */
function highestOf(index: number): Microseconds {
  const row = Math.max(0, Math.floor(index / halfRow) - 1);
  return microseconds((index - row * halfRow + 1) * 2 ** row - 1);
}
