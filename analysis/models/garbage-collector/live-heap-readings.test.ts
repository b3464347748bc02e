import test from 'ava';
import { memstatsOf, simulateCollector, simulatedService } from '../../../fixtures/records/simulated-collector.ts';
import { relativeError } from '../../../fixtures/relative-error.ts';
import { epochMilliseconds, mebibytes, seconds } from '../../../model/units.ts';
import { decodeScrapes } from '../../metrics/decode-scrapes.ts';
import { targetSignals } from '../../metrics/target-signals.ts';
import { type LiveHeapReadings, liveHeapReadings } from './live-heap-readings.ts';

const start = epochMilliseconds(Date.UTC(2026, 10, 21));
const window = { from: epochMilliseconds(start + seconds(5)), to: epochMilliseconds(start + seconds(20)) };

function readingsOf(process: typeof simulatedService): LiveHeapReadings {
  const run = simulateCollector(process, [{ requestsPerSecond: 60, seconds: 20 }]);
  const signals = targetSignals(decodeScrapes(memstatsOf(run, process.processors, start)));
  return liveHeapReadings(signals, process, window);
}

const meanOf = (values: readonly number[] | null): number =>
  values === null ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

test('MemStats: the live heap follows from the goal while GOGC sets it, also with a limit that is far', (t) => {
  const live = simulatedService.reachableBytes + 60 * simulatedService.reachablePerRate;
  for (const memoryLimitBytes of [Infinity, mebibytes(400)]) {
    const { source, readings } = readingsOf({ ...simulatedService, scatter: 0, memoryLimitBytes });
    t.is(source, 'memstats');
    // Roots are not in MemStats, and floating garbage is live: a few per cent above.
    t.true(relativeError(meanOf(readings), live) < 0.08, `${meanOf(readings)} for ${live}`);
  }
});

test('MemStats: where the limit or the least heap sets the goal nothing is told', (t) => {
  t.is(readingsOf({ ...simulatedService, memoryLimitBytes: mebibytes(90) }).readings, null);
  t.is(readingsOf({ ...simulatedService, reachableBytes: 1e5, reachablePerRate: 0 }).readings, null);
  t.is(readingsOf({ ...simulatedService, gogcPercent: Infinity, memoryLimitBytes: mebibytes(120) }).readings, null);
});
