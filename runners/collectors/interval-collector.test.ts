import test from 'ava';
import type { Scrape } from '../../model/measurements.ts';
import { type Ratio, bytes, epochMilliseconds, milliseconds, percent, seconds } from '../../model/units.ts';
import { type World, realWorld } from '../world.ts';
import { type ReadingSource, intervalCollector } from './interval-collector.ts';
import type { CollectorContext } from './port.ts';

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A world whose clock moves only while it sleeps, so that instants can be told exactly. */
function steppedWorld(): World & { wait(ms: number): Promise<void> } {
  let now = 1_000_000;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const sleep: World['sleep'] = (duration, signal) =>
    new Promise((resolve) => {
      sleepers.push({ at: now + Math.max(0, duration), wake: resolve });
      signal?.addEventListener('abort', () => resolve());
      if (signal?.aborted === true) resolve();
    });
  return {
    ...realWorld({ say: () => undefined, interrupted: new AbortController().signal }),
    now: () => epochMilliseconds(now),
    sleep,
    async wait(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        const [next] = sleepers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        sleepers.splice(sleepers.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.wake();
      }
      now = end;
    },
  };
}

function source(read: ReadingSource['read'], busyShare: Ratio | null = null): ReadingSource {
  return { name: 'expvar', source: 'here', intervalMs: seconds(1), stopWithinMs: seconds(2), busyShare, read };
}

function contextOf(world: World): { context: CollectorContext; scrapes: Scrape[] } {
  const scrapes: Scrape[] = [];
  const record = (scrape: Scrape): void => void scrapes.push(scrape);
  return { context: { world, processId: null, address: null, generatorProcessId: null, record }, scrapes };
}

const reading = { bytes: bytes(2), contentType: 'application/json', body: '{}', error: null };

test('reads at once, then on the grid of the load, and a last time at the end', async (t) => {
  const world = steppedWorld();
  const { context, scrapes } = contextOf(world);
  const collector = intervalCollector(source(() => Promise.resolve(reading)));
  t.is(await collector.check(context), null);
  t.is(scrapes.length, 0, 'a check records nothing');
  const startedAt = world.now();
  collector.start(context, epochMilliseconds(startedAt + 1300));
  await world.wait(4000);
  const summary = await collector.stop();
  t.deepEqual(
    scrapes.map(({ at }) => at - startedAt),
    [0, 300, 1300, 2300, 3300, 4000],
  );
  t.deepEqual(summary.status, { status: 'captured', value: { readings: 6, failures: 0 } });
  t.is(summary.totalBytes, bytes(12));
});

test('a slow reading delays none but its own successors, and none overlap', async (t) => {
  const world = steppedWorld();
  const { context, scrapes } = contextOf(world);
  let running = 0;
  let most = 0;
  const collector = intervalCollector(
    source(async (_, count) => {
      most = Math.max(most, ++running);
      if (count === 1) await world.sleep(milliseconds(2400));
      running--;
      return reading;
    }),
  );
  const startedAt = world.now();
  collector.start(context, startedAt);
  await world.wait(6500);
  await collector.stop();
  t.is(most, 1);
  t.deepEqual(
    scrapes.map(({ at, durationMs }) => [at - startedAt, durationMs]),
    [
      [0, 0],
      [1000, 2400],
      [4000, 0],
      [5000, 0],
      [6000, 0],
      [6500, 0],
    ],
  );
});

test('a dear reading leaves out instants, so that reading stays a small part of the time', async (t) => {
  const world = steppedWorld();
  const { context, scrapes } = contextOf(world);
  const dear: ReadingSource['read'] = async () => {
    await world.sleep(milliseconds(250));
    return reading;
  };
  const collector = intervalCollector(source(dear, percent(10)));
  const startedAt = world.now();
  collector.start(context, startedAt);
  await world.wait(9900);
  const stopped = collector.stop();
  await world.wait(1000);
  await stopped;
  t.deepEqual(
    scrapes.map(({ at }) => at - startedAt),
    [0, 3000, 6000, 9000, 9900],
  );
});

test('a reading that throws is a reading with a reason', async (t) => {
  const world = steppedWorld();
  const { context, scrapes } = contextOf(world);
  const collector = intervalCollector(source(() => Promise.reject(new Error('out of order'))));
  t.is(await collector.check(context), 'out of order');
  collector.start(context, world.now());
  await world.wait(1500);
  t.deepEqual((await collector.stop()).status, {
    status: 'failed',
    reason: 'none of 3 readings succeeded: out of order',
  });
  t.deepEqual(new Set(scrapes.map(({ body, error }) => `${body}: ${error}`)), new Set(['null: out of order']));
});

test('stop waits no longer than its limit for a reading that hangs', async (t) => {
  const world = steppedWorld();
  const { context, scrapes } = contextOf(world);
  let aborted = false;
  const collector = intervalCollector(
    source((_, count, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return count === 0 ? Promise.resolve(reading) : new Promise(() => undefined);
    }),
  );
  collector.start(context, world.now());
  await world.wait(1500);
  const stopped = collector.stop();
  await world.wait(2000);
  t.deepEqual((await stopped).status, { status: 'captured', value: { readings: 1, failures: 0 } });
  t.true(aborted);
  t.is(scrapes.length, 1);
});

test('a collector that was never started says so', async (t) => {
  const collector = intervalCollector(source(() => Promise.resolve(reading)));
  t.deepEqual((await collector.stop()).status, { status: 'not-collected', reason: 'it was never started' });
});
