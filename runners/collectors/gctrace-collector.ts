import { type Scrape, captureFailed, captured, notCollected } from '../../model/measurements.ts';
import { type EpochMilliseconds, bytes, milliseconds } from '../../model/units.ts';
import type { World } from '../world.ts';
import type { Collector, CollectorContext } from './port.ts';

export interface GctraceCollector extends Collector {
  /** One line of the target's standard error, without its line end; any line may be given. Never throws. */
  line(text: string): void;
}

/** The runtime writes its line in one piece, but a log line without an end may stand before it. */
const traceLine = /gc \d+ @[\d.]+s \d+%: .*/;
const longestLine = 1024;
/** Lines kept until `start`: a target collects garbage while it starts, too. */
const keptBeforeStart = 4096;

/**
 * Records what a target with `GODEBUG=gctrace=1` says of each garbage collection. The launcher hands its standard error
 * over line by line; each line that looks like a trace becomes a reading of its own, at the instant it arrived.
 */
export function gctraceCollector(world: Pick<World, 'now'>): GctraceCollector {
  const early: { readonly at: EpochMilliseconds; readonly body: string }[] = [];
  let context: CollectorContext | null = null;
  let lines = 0;
  let totalBytes = 0;

  function record({ at, body }: { readonly at: EpochMilliseconds; readonly body: string }): void {
    const size = bytes(Buffer.byteLength(body));
    const durationMs = milliseconds(0);
    const shared = { collector: 'gctrace', source: 'standard error', contentType: 'text/plain', error: null } as const;
    lines++;
    totalBytes += size;
    context?.record({ ...shared, at, durationMs, bytes: size, body } satisfies Scrape);
  }

  return {
    name: 'gctrace',
    source: 'standard error',
    line(text) {
      const body = traceLine.exec(text.slice(0, longestLine))?.[0];
      if (body === undefined) return;
      const reading = { at: world.now(), body: body.trimEnd() };
      if (context !== null) record(reading);
      else if (early.length < keptBeforeStart) early.push(reading);
    },
    // Whether lines come can't be known before garbage is collected.
    check: () => Promise.resolve(null),
    start(watched) {
      context = watched;
      for (const reading of early.splice(0)) record(reading);
    },
    stop() {
      const started = context !== null;
      context = null;
      const status = !started
        ? notCollected('it was never started')
        : lines > 0
          ? captured({ readings: lines, failures: 0 })
          : captureFailed('no gctrace line came: is it a Go program, and was it started with GODEBUG=gctrace=1?');
      return Promise.resolve({
        collector: 'gctrace',
        source: 'standard error',
        status,
        totalMs: milliseconds(0),
        totalBytes: bytes(totalBytes),
      });
    },
  };
}
