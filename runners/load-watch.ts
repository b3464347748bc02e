import { LatencyHistogram } from '../model/latency-histogram.ts';
import type { FailureKind, TrafficCell } from '../model/measurements.ts';
import type { AbortRules, Plan } from '../model/plan.ts';
import type { AbortCode } from '../model/run-record.ts';
import {
  type Milliseconds,
  type PerSecond,
  type Ratio,
  inPercent,
  inSeconds,
  milliseconds,
  ratio,
  rateOf,
  seconds,
} from '../model/units.ts';
import { stageStarts } from '../scenarios/load-schedule.ts';
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
  readonly unexpectedStatus: { readonly status: string; readonly share: Ratio } | null;
  readonly latenessMs: Milliseconds | null;
}

/** A rule needs this many ended requests before a share of them means anything. */
const fewestOutcomes = 20;

/** A generator's line with its histograms added up, so that each is decoded once. */
interface Heard {
  readonly line: GeneratorSecond;
  /** Of done requests, by the stage in which they were due. */
  readonly responseTimes: ReadonlyMap<number, LatencyHistogram>;
  readonly lateness: LatencyHistogram;
}

/**
 * Watches the generator's lines on the way: the few figures that the status line and the abort rules need, over a
 * window of whole seconds. Nothing of it enters the record.
 */
export class LoadWatch {
  readonly #rules: AbortRules;
  readonly #starts: readonly Milliseconds[];
  readonly #windowSeconds: number;
  #recent: Heard[] = [];
  #answeredAt: number | null = null;
  /** Used again and again: a histogram is 90 kB, and garbage is collected on the generator's processor. */
  readonly #merged = new LatencyHistogram();
  /** Requests that got no answer since one did. */
  #unanswered = new Map<FailureKind, number>();

  constructor({ abortRules, loadProfile }: Pick<Plan, 'abortRules' | 'loadProfile'>) {
    this.#rules = abortRules;
    this.#starts = stageStarts(loadProfile);
    this.#windowSeconds = Math.max(1, Math.round(inSeconds(abortRules.windowMs)));
  }

  add(line: GeneratorSecond): void {
    this.#answeredAt ??= line.second - 1;
    const answered = line.cells.some(isAnswer);
    const wanted = line.counts.some(({ due }) => due > 0) || line.health.inFlightMax > 0;
    if (answered || !wanted) this.#answeredAt = line.second;
    if (answered) this.#unanswered.clear();
    countUnanswered(line.cells, this.#unanswered);
    // A second in which a stage ends comes in two lines.
    this.#recent = this.#recent.filter((heard) => heard.line.second > line.second - this.#windowSeconds);
    this.#recent.push({ line, responseTimes: responseTimesOf(line), lateness: latenessOf(line) });
  }

  /** Of the window's part that belongs to the current stage. */
  view(): LoadView | null {
    const last = this.#recent.at(-1)?.line;
    if (last === undefined) return null;
    const { stage } = last.health;
    const heard = this.#recent.filter(({ line }) => line.health.stage === stage);
    const cells = cellsOf(heard).filter((cell) => cell.stage === stage);
    const { ended, bad, done } = outcomesOf(cells);
    const [p50Ms = null, p99Ms = null] = this.#quantiles(
      heard.flatMap(({ responseTimes }) => responseTimes.get(stage) ?? []),
      [0.5, 0.99],
    );
    const due = heard
      .flatMap(({ line }) => line.counts)
      .reduce((sum, count) => sum + (count.stage === stage ? count.due : 0), 0);
    const span = this.#span(stage, heard[0]?.line.second ?? last.second, last.second);
    return {
      second: last.second,
      stage,
      offeredPerSecond: rateOf(due, span),
      achievedPerSecond: rateOf(done, span),
      p50Ms,
      p99Ms,
      errorRatio: ratio(ended === 0 ? 0 : bad / ended),
      answers: answersOf(cells),
      unexpectedStatus: unexpectedStatusOf(cells),
      latenessMs: this.#medianLateness(heard),
    };
  }

  /** The first rule that is broken now, with a sentence for the record; null while all is well. */
  brokenRule(): { readonly code: AbortCode; readonly reason: string } | null {
    const { errorRatio, latencyMs, targetGoneMs, latenessMs } = this.#rules;
    const [first, last] = [this.#recent[0]?.line, this.#recent.at(-1)?.line];
    if (first === undefined || last === undefined) return null;
    const silence = seconds(last.second - (this.#answeredAt ?? last.second));
    if (targetGoneMs !== null && silence >= targetGoneMs)
      return { code: 'target-gone', reason: `the target answered nothing for ${inSeconds(silence)} s` };
    if (last.second - first.second + 1 < this.#windowSeconds) return null;
    const over = `over the last ${this.#windowSeconds} s`;
    const cells = cellsOf(this.#recent);
    const { ended, bad } = outcomesOf(cells);
    if (errorRatio !== null && ended >= fewestOutcomes && bad / ended > errorRatio)
      return {
        code: 'error-ratio',
        reason: `${percentText(bad / ended)} of requests failed or were dropped ${over} (limit ${percentText(errorRatio)})${kindsText('', countUnanswered(cells))}${statusText(cells)}`,
      };
    const answerTimes = (): LatencyHistogram[] =>
      this.#recent.flatMap(({ responseTimes }) => [...responseTimes.values()]);
    const [p99 = null] = latencyMs === null ? [] : this.#quantiles(answerTimes(), [0.99]);
    if (latencyMs !== null && p99 !== null && p99 > latencyMs)
      return {
        code: 'latency',
        reason: `p99 of the response time was ${p99.toFixed(1)} ms ${over} (limit ${latencyMs} ms)`,
      };
    const late = latenessMs === null ? null : this.#medianLateness(this.#recent);
    if (latenessMs !== null && late !== null && late > latenessMs)
      return {
        code: 'generator-late',
        reason: `the load generator ran ${late.toFixed(1)} ms behind its schedule ${over} (limit ${latenessMs} ms): it is the bottleneck, not the target`,
      };
    return null;
  }

  /** What became of requests since the last answer, for a sentence to end with; empty where none failed. */
  unansweredText(): string {
    return kindsText('since its last answer ', this.#unanswered);
  }

  #medianLateness(heard: readonly Heard[]): Milliseconds | null {
    const [median = null] = this.#quantiles(
      heard.map(({ lateness }) => lateness),
      [0.5],
    );
    return median;
  }

  #quantiles(parts: readonly LatencyHistogram[], quantiles: readonly number[]): (Milliseconds | null)[] {
    this.#merged.reset();
    for (const part of parts) this.#merged.add(part);
    return quantiles.map((quantile) => this.#merged.quantile(quantile));
  }

  /** How much of the stage these seconds hold: it may begin or end inside one. */
  #span(stage: number, firstSecond: number, lastSecond: number): Milliseconds {
    const begin = Math.max(seconds(firstSecond), this.#starts[stage] ?? 0);
    const isLast = stage + 2 >= this.#starts.length;
    const end = Math.min(seconds(lastSecond + 1), isLast ? Infinity : (this.#starts[stage + 1] ?? Infinity));
    return milliseconds(end - begin);
  }
}

function responseTimesOf({ cells }: GeneratorSecond): Map<number, LatencyHistogram> {
  const byStage = new Map<number, LatencyHistogram>();
  for (const { stage, outcome, responseTime } of cells) {
    if (outcome !== 'done' || responseTime === null) continue;
    const histogram = byStage.get(stage) ?? new LatencyHistogram();
    histogram.addEncoded(responseTime);
    byStage.set(stage, histogram);
  }
  return byStage;
}

function latenessOf({ health: { lateness } }: GeneratorSecond): LatencyHistogram {
  return lateness === null ? new LatencyHistogram() : LatencyHistogram.decode(lateness);
}

const cellsOf = (heard: readonly Heard[]): readonly TrafficCell[] => heard.flatMap(({ line }) => line.cells);

function outcomesOf(cells: readonly TrafficCell[]): { ended: number; bad: number; done: number } {
  let ended = 0;
  let bad = 0;
  let done = 0;
  for (const { outcome, count } of cells) {
    ended += count;
    if (outcome === 'failed' || outcome === 'dropped' || outcome === 'in-flight') bad += count;
    if (outcome === 'done') done += count;
  }
  return { ended, bad, done };
}

function isAnswer({ outcome, failure }: TrafficCell): boolean {
  return outcome === 'done' || outcome === 'shed' || failure?.startsWith('unexpected') === true;
}

const answersOf = (cells: readonly TrafficCell[]): number =>
  cells.reduce((sum, cell) => sum + (isAnswer(cell) ? cell.count : 0), 0);

function countUnanswered(
  cells: readonly TrafficCell[],
  counts = new Map<FailureKind, number>(),
): ReadonlyMap<FailureKind, number> {
  for (const cell of cells)
    if (cell.failure !== null && !isAnswer(cell))
      counts.set(cell.failure, (counts.get(cell.failure) ?? 0) + cell.count);
  return counts;
}

/** Such as "; 5012 requests ended in connection-refused, 3 in timeout". */
function kindsText(when: string, counts: ReadonlyMap<FailureKind, number>): string {
  const [most, ...others] = [...counts].toSorted(([, left], [, right]) => right - left);
  if (most === undefined) return '';
  const rest = others.map(([kind, count]) => `, ${count} in ${kind}`);
  return `; ${when}${most[1]} requests ended in ${most[0]}${rest.join('')}`;
}

function unexpectedStatusOf(cells: readonly TrafficCell[]): LoadView['unexpectedStatus'] {
  const counts = new Map<string, number>();
  for (const { statuses } of cells)
    for (const [status, count] of Object.entries(statuses ?? {})) counts.set(status, (counts.get(status) ?? 0) + count);
  const [most] = [...counts].toSorted(([, left], [, right]) => right - left);
  if (most === undefined) return null;
  const [status, count] = most;
  return { status, share: ratio(count / answersOf(cells)) };
}

/** The likely cause of failures, where answers tell it. */
function statusText(cells: readonly TrafficCell[]): string {
  const seen = unexpectedStatusOf(cells);
  return seen === null ? '' : `; ${percentText(seen.share)} of the answers were ${seen.status}`;
}

const percentText = (share: number): string => `${inPercent(ratio(share)).toFixed(1)} %`;
