import type { ProfileCapture, TrafficMeasurement } from '../../model/measurements.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { openRunFolder } from './open-run-folder.ts';

/**
 * Writes a record that is already whole (loaded elsewhere, or made for a test) as a run folder and gives its path.
 * `profileOf` gives the bytes of a captured profile. The folder gets the record's own id. @throws StoreFailure
 */
export async function saveRun(
  record: RunRecord,
  runsDirectory: string,
  profileOf: (profile: ProfileCapture) => Promise<Uint8Array | null> | Uint8Array | null,
): Promise<string> {
  const folder = await openRunFolder({
    id: record.id,
    world: { environment: {} },
    plan: record.plan,
    runsDirectory,
    startedAt: record.startedAt,
    requestsModule: null,
    secrets: {},
  });
  if (record.traffic.status === 'captured')
    for (const line of trafficLines(record.traffic.value)) folder.addTrafficLine(line);
  for (const scrape of record.scrapes) folder.addScrape(scrape);
  for (const profile of record.profiles) await folder.saveProfile(profile, await profileOf(profile));
  return folder.complete(record);
}

/** As many `second` lines as there were; which cell came with which line is not known any more and does not matter. */
function trafficLines(traffic: TrafficMeasurement): string[] {
  const { startedAt, endedAt, cells, counts, health, steps, complete } = traffic;
  const share = <T>(list: readonly T[], index: number): readonly T[] =>
    list.slice(
      Math.ceil((list.length * index) / health.length),
      Math.ceil((list.length * (index + 1)) / health.length),
    );
  const lines: unknown[] = [
    { kind: 'started', startedAt },
    ...health.map((line, index) => ({
      kind: 'second',
      second: line.second,
      counts: share(counts, index),
      cells: share(cells, index),
      health: line,
      steps: share(steps, index),
    })),
    ...(complete ? [{ kind: 'finished', endedAt, reason: 'completed' }] : []),
  ];
  return lines.map((line) => JSON.stringify(line));
}
