import { type EpochMilliseconds, after } from '../../model/units.ts';
import { momentsOf } from '../statistics/moments.ts';
import type { Completions } from './completions.ts';
import { type EndpointTraffic, type StageTraffic, sumBooks } from './decode-traffic.ts';
import { meanOfCounts } from './value-counts.ts';

/** Growth of the response time from the first to the last third of the window that is no chance. */
const growing = 1.5;
/** Fewer seconds than this have no thirds worth comparing. */
const fewestSeconds = 6;
/** Share of what was due that was not answered meanwhile. */
const behind = 0.02;

/** Whether the response time grew all through the steady window. */
export function responseTimeGrew({ steady }: EndpointTraffic): boolean {
  const means = steady.flatMap((second) => meanOfCounts(second.response) ?? []);
  if (means.length < fewestSeconds || momentsOf(means).lag1 <= 1 / 2) return false;
  const third = Math.floor(means.length / 3);
  return momentsOf(means.slice(-third)).mean > growing * momentsOf(means.slice(0, third)).mean;
}

/**
 * Whether more came in than went out all through the steady window, so that a queue grew and its figures are not those
 * of any steady state: the longer such a stage, the longer its response times.
 */
export function queueGrew(stage: StageTraffic, startedAt: EpochMilliseconds, completions: Completions): boolean {
  if (!responseTimeGrew(stage.all)) return false;
  const { due, dropped } = sumBooks(stage.all.steady);
  const answered = completions.in(after(startedAt, stage.window.fromMs), after(startedAt, stage.window.toMs));
  return due - dropped - answered > behind * due;
}
