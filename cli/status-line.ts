import type { Plan } from '../model/plan.ts';
import { milliseconds, seconds } from '../model/units.ts';
import type { LoadView } from '../runners/load-watch.ts';
import { formatDuration, formatLatency, formatPercent, formatRate } from '../reports/format-quantity.ts';

/** Without a terminal a line is written this often, so that a CI log shows life without being flooded. */
const plainEverySeconds = 10;

/**
 * What a person sees while work goes on: one line that is rewritten on a terminal, plain lines now and then elsewhere.
 * Everything goes to standard error.
 */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  #shown = false;
  #plainStage = -1;
  #plainSecond = -plainEverySeconds;

  constructor(stream: NodeJS.WriteStream, quiet: boolean) {
    this.#stream = stream;
    this.#quiet = quiet;
  }

  /** A message that stays. */
  say(message: string): void {
    if (this.#quiet) return;
    this.clear();
    this.#stream.write(`${message}\n`);
  }

  /** @param place which of several runs it is, such as "run 3 of 12" */
  progress(plan: Plan, view: LoadView, place: string | null = null): void {
    if (this.#quiet) return;
    const text = `${place === null ? '' : `${place} · `}${progressText(plan, view)}`;
    if (this.#stream.isTTY) {
      const width = Math.max(20, (this.#stream.columns ?? 80) - 1);
      this.#stream.write(`\r\u001B[2K${text.slice(0, width)}`);
      this.#shown = true;
      return;
    }
    if (view.stage === this.#plainStage && view.second - this.#plainSecond < plainEverySeconds) return;
    this.#plainStage = view.stage;
    this.#plainSecond = view.second;
    this.#stream.write(`${text}\n`);
  }

  clear(): void {
    if (!this.#shown) return;
    this.#stream.write('\r\u001B[2K');
    this.#shown = false;
  }
}

/** Stage, rate, latency so far, errors, time left. */
export function progressText(plan: Plan, view: LoadView): string {
  const { stages } = plan.loadProfile;
  const total = stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  const left = milliseconds(Math.max(0, total - seconds(view.second + 1)));
  const stage = stages[view.stage];
  const parts = [
    `stage ${view.stage + 1}/${stages.length} ${stage?.name ?? ''}`.trimEnd(),
    `${formatRate(view.offeredPerSecond)} offered, ${formatRate(view.achievedPerSecond)} done`,
    latencyText(view),
    `errors ${formatPercent(view.errorRatio)}${statusText(view)}`,
    `${formatDuration(left)} left`,
  ];
  return parts.join(' · ');
}

function latencyText({ p50Ms, p99Ms, answers }: LoadView): string {
  if (p50Ms !== null) return `p50 ${formatLatency(p50Ms)} p99 ${formatLatency(p99Ms ?? p50Ms)}`;
  return answers === 0 ? 'no answers yet' : 'no good answers yet';
}

/** " (98.0% of answers 401)": why there are errors, where the answers tell. */
function statusText({ unexpectedStatus }: LoadView): string {
  if (unexpectedStatus === null) return '';
  return ` (${formatPercent(unexpectedStatus.share)} of answers ${unexpectedStatus.status})`;
}
