import { LatencyHistogram } from '../model/latency-histogram.ts';
import type { TrafficCell } from '../model/measurements.ts';
import type { AbortRules } from '../model/plan.ts';
import type { AbortCode } from '../model/run-record.ts';
import {
  type Milliseconds,
  type PerSecond,
  type Ratio,
  inPercent,
  inSeconds,
  ratio,
  rateOf,
  seconds,
} from '../model/units.ts';
import type { GeneratorSecond } from './generators/port.ts';

/** What the last seconds looked like, for the status line; null where nothing is known yet. */
export interface LoadView {
  readonly second: number;
  readonly stage: number;
  readonly offeredPerSecond: PerSecond;
  readonly achievedPerSecond: PerSecond;
  readonly p50Ms: Milliseconds | null;
  readonly p99Ms: Milliseconds | null;
  readonly errorRatio: Ratio;
  /** Complete answers of any kind, good or not. */
  readonly answers: number;
  /** The most frequent status code that was not accepted, and its share of the answers; null where none is known. */
  readonly unexpectedStatus: { readonly status: number; readonly share: Ratio } | null;
  readonly latenessMs: Milliseconds | null;
}

/** A rule needs this many ended requests before a share of them means anything. */
const fewestOutcomes = 20;

/**
 * Watches the generator's lines on the way: the few figures that the status line and the abort rules need, over a
 * window of whole seconds. Nothing of it enters the record.
 */
export class LoadWatch {
  readonly #rules: AbortRules;
  readonly #windowSeconds: number;
  #recent: GeneratorSecond[] = [];
  #answeredAt: number | null = null;

  constructor(rules: AbortRules) {
    this.#rules = rules;
    this.#windowSeconds = Math.max(1, Math.round(inSeconds(rules.windowMs)));
  }

  add(line: GeneratorSecond): void {
    this.#answeredAt ??= line.second - 1;
    const answered = line.cells.some(isAnswer);
    const wanted = line.counts.some(({ due }) => due > 0) || line.health.inFlightMax > 0;
    if (answered || !wanted) this.#answeredAt = line.second;
    this.#recent.push(line);
    if (this.#recent.length > this.#windowSeconds) this.#recent.shift();
  }

  view(): LoadView | null {
    const last = this.#recent.at(-1);
    if (last === undefined) return null;
    const { ended, bad, done } = this.#outcomes();
    const latency = this.#responseTimes();
    const due = this.#recent.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b.due, 0), 0);
    const span = seconds(this.#recent.length);
    return {
      second: last.second,
      stage: last.health.stage,
      offeredPerSecond: rateOf(due, span),
      achievedPerSecond: rateOf(done, span),
      p50Ms: latency.quantile(0.5),
      p99Ms: latency.quantile(0.99),
      errorRatio: ratio(ended === 0 ? 0 : bad / ended),
      answers: this.#answers(),
      unexpectedStatus: this.#unexpectedStatus(),
      latenessMs: this.#lateness().quantile(0.5),
    };
  }

  /** The first rule that is broken now, with a sentence for the record; null while all is well. */
  brokenRule(): { readonly code: AbortCode; readonly reason: string } | null {
    const { errorRatio, latencyMs, targetGoneMs, latenessMs } = this.#rules;
    const last = this.#recent.at(-1);
    if (last === undefined) return null;
    const silence = seconds(last.second - (this.#answeredAt ?? last.second));
    if (targetGoneMs !== null && silence >= targetGoneMs)
      return { code: 'target-gone', reason: `the target answered nothing for ${inSeconds(silence)} s` };
    if (this.#recent.length < this.#windowSeconds) return null;
    const over = `over the last ${this.#windowSeconds} s`;
    const { ended, bad } = this.#outcomes();
    if (errorRatio !== null && ended >= fewestOutcomes && bad / ended > errorRatio)
      return {
        code: 'error-ratio',
        reason: `${percentText(bad / ended)} of requests failed or were dropped ${over} (limit ${percentText(errorRatio)})${this.#statusText()}`,
      };
    const p99 = this.#responseTimes().quantile(0.99);
    if (latencyMs !== null && p99 !== null && p99 > latencyMs)
      return {
        code: 'latency',
        reason: `p99 of the response time was ${p99.toFixed(1)} ms ${over} (limit ${latencyMs} ms)`,
      };
    const late = this.#lateness().quantile(0.5);
    if (latenessMs !== null && late !== null && late > latenessMs)
      return {
        code: 'generator-late',
        reason: `the load generator ran ${late.toFixed(1)} ms behind its schedule ${over} (limit ${latenessMs} ms): it is the bottleneck, not the target`,
      };
    return null;
  }

  #outcomes(): { ended: number; bad: number; done: number } {
    let ended = 0;
    let bad = 0;
    let done = 0;
    for (const { cells } of this.#recent) {
      for (const { outcome, count } of cells) {
        ended += count;
        if (outcome === 'failed' || outcome === 'dropped' || outcome === 'in-flight') bad += count;
        if (outcome === 'done') done += count;
      }
    }
    return { ended, bad, done };
  }

  #answers(): number {
    return this.#recent.reduce(
      (sum, { cells }) => sum + cells.reduce((so, cell) => so + (isAnswer(cell) ? cell.count : 0), 0),
      0,
    );
  }

  #unexpectedStatus(): LoadView['unexpectedStatus'] {
    const counts = new Map<string, number>();
    for (const { cells } of this.#recent)
      for (const { statuses } of cells)
        for (const [status, count] of Object.entries(statuses ?? {}))
          counts.set(status, (counts.get(status) ?? 0) + count);
    const [most] = [...counts].toSorted(([, left], [, right]) => right - left);
    if (most === undefined) return null;
    const [status, count] = most;
    return { status: Number(status), share: ratio(count / this.#answers()) };
  }

  /** The likely cause of failures, where answers tell it. */
  #statusText(): string {
    const seen = this.#unexpectedStatus();
    return seen === null ? '' : `; ${percentText(seen.share)} of the answers were ${seen.status}`;
  }

  #responseTimes(): LatencyHistogram {
    const merged = new LatencyHistogram();
    for (const { cells } of this.#recent)
      for (const { outcome, responseTime } of cells)
        if (outcome === 'done' && responseTime !== null) merged.addEncoded(responseTime);
    return merged;
  }

  #lateness(): LatencyHistogram {
    const merged = new LatencyHistogram();
    for (const { health } of this.#recent) if (health.lateness !== null) merged.addEncoded(health.lateness);
    return merged;
  }
}

function isAnswer({ outcome, failure }: TrafficCell): boolean {
  return outcome === 'done' || outcome === 'shed' || failure?.startsWith('unexpected') === true;
}

const percentText = (share: number): string => `${inPercent(ratio(share)).toFixed(1)} %`;
