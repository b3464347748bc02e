import { type EpochMilliseconds, type PerSecond, after, between, rateOf } from '../../model/units.ts';
import { type Increase, type TimeWindow, increaseIn, maximumIn, meanIn, pointsIn } from '../metrics/series-window.ts';
import type { Signal } from '../metrics/signal.ts';
import { slope } from '../statistics/slope.ts';
import type { Completions } from '../traffic/completions.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';

/** Reads signals in one stage's steady window; a signal that was not collected reads as null, as does one with too few readings. */
export class StageReadings {
  readonly window: TimeWindow;
  readonly stage: number;
  readonly #completions: Completions;
  /** Names of the metrics whose counter began anew in the window, so that nothing is made of them. */
  readonly restarted = new Set<string>();

  constructor(startedAt: EpochMilliseconds, { index, window }: StageTraffic, completions: Completions) {
    this.stage = index;
    this.window = { from: after(startedAt, window.fromMs), to: after(startedAt, window.toMs) };
    this.#completions = completions;
  }

  increase(signal: Signal | null): Increase | null {
    const increase = signal === null ? null : increaseIn(signal.series, this.window);
    if (signal === null || increase === null) return null;
    if (increase.resets.length === 0) return increase;
    for (const metric of signal.provenance.metrics) this.restarted.add(metric);
    return null;
  }

  perSecond(signal: Signal | null): PerSecond | null {
    const increase = this.increase(signal);
    return increase === null ? null : rateOf(increase.value, between(increase.from, increase.to));
  }

  /** Increase over the requests that were answered between the same two readings; null where none was. */
  perRequest(signal: Signal | null): number | null {
    const increase = this.increase(signal);
    if (increase === null) return null;
    const answered = this.#completions.in(increase.from, increase.to);
    return answered === 0 ? null : increase.value / answered;
  }

  answeredIn({ from, to }: TimeWindow): number {
    return this.#completions.in(from, to);
  }

  /** Increase of one counter over that of another between the same readings. */
  share(part: Signal | null, whole: Signal | null): number | null {
    const [counted, of] = [this.increase(part), this.increase(whole)];
    return counted === null || of === null || of.value === 0 ? null : counted.value / of.value;
  }

  mean(signal: Signal | null): number | null {
    return signal === null ? null : finite(meanIn(signal.series, this.window));
  }

  maximum(signal: Signal | null): number | null {
    return signal === null ? null : finite(maximumIn(signal.series, this.window));
  }

  /** Change per millisecond, by least squares. */
  slope(signal: Signal | null): number | null {
    if (signal === null) return null;
    return slope(pointsIn(signal.series, this.window).map(({ at, value }) => [at, value] as const));
  }

  readings(signal: Signal | null): number {
    return signal === null ? 0 : pointsIn(signal.series, this.window).length;
  }
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
