import test from 'ava';
import { buildRunRecord } from '../../../fixtures/records/build-run-record.ts';
import { pagesOf, simulateCollector, simulatedService } from '../../../fixtures/records/simulated-collector.ts';
import type { TargetEnvironment } from '../../../model/run-record.ts';
import { epochMilliseconds, mebibytes, seconds } from '../../../model/units.ts';
import { decodeScrapes } from '../../metrics/decode-scrapes.ts';
import { targetSignals } from '../../metrics/target-signals.ts';
import type { CollectorSettings } from './collector-settings.ts';
import { settingsIn } from './observed-settings.ts';

const { environment } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }] });
const start = epochMilliseconds(Date.UTC(2026, 10, 21));
const window = { from: start, to: epochMilliseconds(start + seconds(5)) };
const nothing = targetSignals({ sources: [] });

const from = (more: Partial<TargetEnvironment>): CollectorSettings | string =>
  settingsIn(nothing, { ...environment.target, ...more }, window);

test('without metrics the environment of the process counts, as Go reads it', (t) => {
  const processors = 4;
  const none = Infinity;
  t.deepEqual(from({ gogc: '250' }), { gogcPercent: 250, processors, memoryLimitBytes: none });
  t.deepEqual(from({ gogc: 'off', gomemlimit: '512MiB' }), {
    gogcPercent: Infinity,
    processors,
    memoryLimitBytes: mebibytes(512),
  });
  t.deepEqual(from({ gogc: '100', gomemlimit: '1048576' }), {
    gogcPercent: 100,
    processors,
    memoryLimitBytes: mebibytes(1),
  });
  // It was read and holds no GOGC: Go's default.
  t.deepEqual(from({ gogc: null }), { gogcPercent: 100, processors, memoryLimitBytes: none });
});

test('what is not known is said, not taken to be the default', (t) => {
  t.regex(JSON.stringify(from({ gogc: null, processId: null })), /GOGC/);
  t.regex(JSON.stringify(from({ gogc: null, notes: ['the environment of the process could not be read'] })), /GOGC/);
  t.regex(JSON.stringify(from({ gomaxprocs: null })), /GOMAXPROCS/);
});

test('the metrics of the runtime count before the environment: a program may set both itself', (t) => {
  const process = { ...simulatedService, gogcPercent: 300, memoryLimitBytes: mebibytes(700), processors: 3 };
  const run = simulateCollector(process, [{ requestsPerSecond: 1, seconds: 5 }]);
  const signals = targetSignals(decodeScrapes(pagesOf(process, run, start, 0)));
  t.deepEqual(settingsIn(signals, { ...environment.target, gogc: '50', gomemlimit: 'off' }, window), {
    gogcPercent: 300,
    processors: 3,
    memoryLimitBytes: mebibytes(700),
  });
});
