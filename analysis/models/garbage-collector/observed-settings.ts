import type { TargetEnvironment } from '../../../model/run-record.ts';
import { parseSize } from '../../../model/units.ts';
import { type TimeWindow, lastIn } from '../../metrics/series-window.ts';
import type { TargetSignals } from '../../metrics/target-signals.ts';
import type { CollectorSettings } from './collector-settings.ts';

/**
 * What the collector was told, by the runtime's own metrics, else by the environment of the process. A process whose
 * environment was read and holds no GOGC runs with Go's default of 100, and without GOMEMLIMIT has no limit.
 *
 * @returns the reason where it is not known
 */
export function settingsIn(
  { gc, scheduler }: TargetSignals,
  environment: TargetEnvironment,
  window: TimeWindow,
): CollectorSettings | string {
  const wasRead = environment.processId !== null && !environment.notes.some((note) => unread.test(note));
  const gogcPercent =
    (gc.gogcPercent === null ? null : lastIn(gc.gogcPercent.series, window)) ??
    gogcFrom(environment.gogc) ??
    (wasRead ? defaultGogc : null);
  if (gogcPercent === null) return 'neither a metric nor the environment of the process tells GOGC';
  const processors =
    (scheduler.gomaxprocs === null ? null : lastIn(scheduler.gomaxprocs.series, window)) ?? environment.gomaxprocs;
  if (processors === null) return 'neither a metric nor the environment of the process tells GOMAXPROCS';
  const memoryLimitBytes =
    (gc.memoryLimitBytes === null ? null : lastIn(gc.memoryLimitBytes.series, window)) ??
    limitFrom(environment.gomemlimit);
  return { gogcPercent, processors, memoryLimitBytes };
}

const unread = /environment of the process could not be read/;
const defaultGogc = 100;

/** As the runtime reads it; null where it would ignore it. */
function gogcFrom(text: string | null): number | null {
  if (text === null) return null;
  if (text === 'off') return Infinity;
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** As the runtime reads it: bytes, or with a unit; anything else ends the process. Infinity: off, or not set. */
function limitFrom(text: string | null): number {
  if (text === null || text === 'off') return Infinity;
  return parseSize(/^\d+$/.test(text) ? `${text}B` : text);
}
