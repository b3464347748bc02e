import { type CollectorSummary, captureFailed, notCollected } from '../model/measurements.ts';
import { type EpochMilliseconds, bytes, milliseconds } from '../model/units.ts';
import type { Collector, CollectorContext } from './collectors/port.ts';

/** The collectors of one run, from the check before the load to their account after it. */
export interface CollectorGroup {
  start(loadStartsAt: EpochMilliseconds): void;
  stop(): Promise<readonly CollectorSummary[]>;
}

/**
 * Checks every collector once; those whose source does not answer are left out with the reason in their account, said
 * aloud, and the run goes on: one missing source costs only the findings that need it.
 */
export async function checkCollectors(
  collectors: readonly Collector[],
  context: CollectorContext,
): Promise<CollectorGroup> {
  const absent: CollectorSummary[] = [];
  const present: Collector[] = [];
  for (const collector of collectors) {
    const reason = await collector.check(context);
    if (reason === null) {
      present.push(collector);
      continue;
    }
    context.world.say(`not collected: ${collector.name} from ${collector.source}: ${reason}`);
    absent.push(summary(collector, notCollected(reason)));
  }
  return {
    start: (loadStartsAt) => {
      for (const collector of present) collector.start(context, loadStartsAt);
    },
    stop: async () => {
      const accounts = await Promise.all(
        present.map((collector) =>
          collector.stop().catch((error: unknown) => summary(collector, captureFailed(String(error)))),
        ),
      );
      return [...accounts, ...absent];
    },
  };
}

function summary(collector: Collector, status: CollectorSummary['status']): CollectorSummary {
  return {
    collector: collector.name,
    source: collector.source,
    status,
    totalMs: milliseconds(0),
    totalBytes: bytes(0),
  };
}
