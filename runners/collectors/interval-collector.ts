import {
  type CollectorName,
  type CollectorSummary,
  captureFailed,
  captured,
  notCollected,
} from '../../model/measurements.ts';
import { messageOf } from '../../model/message-of.ts';
import {
  type Bytes,
  type EpochMilliseconds,
  type Milliseconds,
  type Ratio,
  after,
  between,
  bytes,
  milliseconds,
} from '../../model/units.ts';
import type { World } from '../world.ts';
import type { Collector, CollectorContext } from './port.ts';

/** What one reading gave; exactly one of `body` and `error` is set. */
export interface Reading {
  readonly bytes: Bytes;
  readonly contentType: string | null;
  readonly body: string | null;
  readonly error: string | null;
}

export interface ReadingSource {
  readonly name: CollectorName;
  readonly source: string;
  readonly intervalMs: Milliseconds;
  /** Longest time `stop` waits for the reading under way, and again for the last one. */
  readonly stopWithinMs: Milliseconds;
  /** Most of the time that may go into reading: after a dear one, instants are left out. Null: no such limit. */
  readonly busyShare: Ratio | null;
  /** `count`: readings before this one since the start (0 in a check). */
  read(context: CollectorContext, count: number, signal: AbortSignal): Promise<Reading>;
  /** Lets go of connections. */
  close?(): void;
}

/** Nothing is read more often, whatever a plan says: a loop without a pause would be load of its own. */
const shortestInterval = milliseconds(10);

/**
 * A collector that reads one source once at the start, then on the grid `loadStartsAt + k · interval`, so that readings
 * fall on the edges of stages. Readings never overlap: while one takes longer than an interval the instants in
 * between are left out, and the grid stays where it is.
 */
export function intervalCollector(source: ReadingSource): Collector {
  let context: CollectorContext | null = null;
  let running: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  const givenUp = new AbortController();
  const account = { readings: 0, failures: 0, totalMs: 0, totalBytes: 0, lastError: '' };

  async function take(watched: CollectorContext): Promise<Milliseconds> {
    const count = account.readings + account.failures;
    const { reading, at, durationMs } = await timedReading(source, watched, count, givenUp.signal);
    // What comes after `stop` has given its account belongs to no record.
    if (givenUp.signal.aborted) return durationMs;
    account.totalMs += durationMs;
    account.totalBytes += reading.bytes;
    if (reading.error === null) account.readings++;
    else {
      account.failures++;
      account.lastError = reading.error;
    }
    watched.record({ collector: source.name, source: source.source, at, durationMs, ...reading });
    return durationMs;
  }

  async function follow(watched: CollectorContext, loadStartsAt: EpochMilliseconds): Promise<void> {
    const { world } = watched;
    const interval = milliseconds(Math.max(shortestInterval, source.intervalMs));
    const pauseAfter = (spent: Milliseconds): number =>
      source.busyShare === null ? 0 : Math.floor(spent / (interval * source.busyShare));
    let pause = pauseAfter(await take(watched));
    let tick = Number.NEGATIVE_INFINITY;
    while (!stopping.signal.aborted) {
      // The clock alone would give an instant twice where the sleep ended a hair early.
      tick = Math.max(tick, Math.floor(between(loadStartsAt, world.now()) / interval)) + 1 + pause;
      const due = after(loadStartsAt, milliseconds(tick * interval));
      // One after the other is the point.
      // oxlint-disable-next-line no-await-in-loop
      await world.sleep(between(world.now(), due), stopping.signal);
      // oxlint-disable-next-line no-await-in-loop
      if (!stopping.signal.aborted) pause = pauseAfter(await take(watched));
    }
  }

  async function bounded(work: Promise<unknown>, world: World): Promise<boolean> {
    const enough = new AbortController();
    const inTime = await Promise.race([
      work.then(() => true),
      world.sleep(source.stopWithinMs, enough.signal).then(() => false),
    ]);
    enough.abort();
    return inTime;
  }

  return {
    name: source.name,
    source: source.source,
    async check(asked) {
      return (await timedReading(source, asked, 0, givenUp.signal)).reading.error;
    },
    start(watched, loadStartsAt) {
      context = watched;
      running = follow(watched, loadStartsAt);
    },
    async stop() {
      stopping.abort();
      if (context !== null && (await bounded(running, context.world))) await bounded(take(context), context.world);
      givenUp.abort();
      source.close?.();
      return summarize(source, context !== null, account);
    },
  };
}

async function timedReading(
  source: ReadingSource,
  context: CollectorContext,
  count: number,
  signal: AbortSignal,
): Promise<{ reading: Reading; at: EpochMilliseconds; durationMs: Milliseconds }> {
  const at = context.world.now();
  let reading: Reading;
  try {
    reading = await source.read(context, count, signal);
  } catch (error) {
    const reason = messageOf(error);
    reading = { bytes: bytes(0), contentType: null, body: null, error: reason };
  }
  return { reading, at, durationMs: between(at, context.world.now()) };
}

function summarize(
  source: ReadingSource,
  started: boolean,
  account: { readings: number; failures: number; totalMs: number; totalBytes: number; lastError: string },
): CollectorSummary {
  const { readings, failures, totalMs, totalBytes, lastError } = account;
  const status = !started
    ? notCollected('it was never started')
    : readings === 0
      ? captureFailed(
          failures === 0 ? 'no reading was completed' : `none of ${failures} readings succeeded: ${lastError}`,
        )
      : captured({ readings, failures });
  return {
    collector: source.name,
    source: source.source,
    status,
    totalMs: milliseconds(totalMs),
    totalBytes: bytes(totalBytes),
  };
}
