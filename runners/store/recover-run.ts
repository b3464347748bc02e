import {
  type Captured,
  type CollectorSummary,
  type Scrape,
  type TrafficMeasurement,
  captureFailed,
  captured,
  notCollected,
} from '../../model/measurements.ts';
import type { RunOutcome, RunRecord } from '../../model/run-record.ts';
import { type EpochMilliseconds, after, bytes, epochMilliseconds, milliseconds, seconds } from '../../model/units.ts';
import { type TrafficLines, readScrapes, readTrafficLines } from './read-run-files.ts';
import type { RunSummary } from './run-record-shape.ts';
import type { UpgradePath } from './upgrades.ts';

/**
 * The record of a run that plimsoll did not bring to its end (killed, power cut): what was on disk by then, and an
 * outcome that says so. The last seconds may be missing.
 */
export async function recoverRun(folder: string, summary: RunSummary, upgrade: UpgradePath): Promise<RunRecord> {
  const lines = await readTrafficLines(folder, upgrade, 'what-is-there');
  const scrapes = await readScrapes(folder, upgrade, 'what-is-there');
  const traffic = recoverTraffic(lines, summary);
  const loadEndedAt = traffic.status === 'captured' ? [traffic.value.endedAt] : [];
  return {
    ...summary,
    endedAt: latest([summary.startedAt, ...loadEndedAt, ...scrapes.map(({ at }) => at)]),
    outcome: recoverOutcome(lines),
    traffic,
    scrapes,
    collectors: recoverCollectors(scrapes),
  };
}

const latest = (instants: readonly EpochMilliseconds[]): EpochMilliseconds =>
  instants.reduce((last, instant) => (instant > last ? instant : last), epochMilliseconds(0));

function recoverOutcome({ endedAt, startedAt, health }: TrafficLines): RunOutcome {
  const when =
    endedAt !== null
      ? 'after the load'
      : startedAt !== null || health.length > 0
        ? `in second ${health.at(-1)?.second ?? 0} of the load`
        : 'before the load began';
  return {
    status: 'aborted',
    phase: when === 'before the load began' ? 'target' : 'load',
    code: 'interrupted',
    reason: `plimsoll ended ${when}, before the run was complete; this is what was on disk by then`,
  };
}

function recoverTraffic(lines: TrafficLines, { plan }: RunSummary): Captured<TrafficMeasurement> {
  const { cells, counts, health, steps, startedAt, endedAt } = lines;
  const lastSecond = health.at(-1)?.second ?? null;
  if (startedAt === null)
    return lastSecond === null
      ? notCollected('the load had not begun')
      : captureFailed('when the load began was not written down');
  return captured({
    engine: lines.engine ?? { name: plan.engine.name, version: 'unknown', build: null },
    startedAt,
    endedAt: endedAt ?? after(startedAt, seconds(lastSecond === null ? 0 : lastSecond + 1)),
    cells,
    counts,
    health,
    steps,
    complete: endedAt !== null,
  });
}

function recoverCollectors(scrapes: readonly Scrape[]): readonly CollectorSummary[] {
  const groups = Map.groupBy(scrapes, ({ collector, source }) => JSON.stringify([collector, source]));
  return [...groups.values()].flatMap((readings) => {
    const [first] = readings;
    if (first === undefined) return [];
    const failures = readings.filter(({ error }) => error !== null).length;
    return [
      {
        collector: first.collector,
        source: first.source,
        status: captured({ readings: readings.length, failures }),
        totalMs: milliseconds(readings.reduce((sum, { durationMs }) => sum + durationMs, 0)),
        totalBytes: bytes(readings.reduce((sum, { bytes: size }) => sum + size, 0)),
      },
    ];
  });
}
