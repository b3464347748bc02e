import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { TargetDescription } from '../../fixtures/records/target-text.ts';
import { bytes, milliseconds, percent, seconds, after } from '../../model/units.ts';
import type { TargetAnalysis } from '../analysis.ts';
import { analyze } from '../analyze.ts';

function targetOf(target: TargetDescription, stage: Partial<StageDescription> = {}): TargetAnalysis {
  const analysis = analyze(buildRunRecord({ stages: [{ rate: 100, seconds: 12, settling: 2, target, ...stage }] }));
  const [first] = analysis.stages;
  if (first === undefined) throw new Error('no stage');
  return first.target;
}

const near = (seen: number | null, truth: number): boolean => seen !== null && Math.abs(seen - truth) <= 0.01 * truth;

test('costs per request are what the target was made to spend', (t) => {
  const seen = targetOf({
    cpuMsPerRequest: 2.5,
    allocBytesPerRequest: 32_000,
    gcCyclesPerSecond: 4,
    mutexWaitMsPerSecond: 7,
  });
  t.true(near(seen.cpuMsPerRequest, 2.5));
  t.true(near(seen.cpuCores, 0.25));
  t.true(near(seen.allocBytesPerRequest, 32_000));
  t.true(near(seen.gcCyclesPerSecond, 4));
  t.true(near(seen.mutexWaitMsPerSecond, 7));
  t.is(seen.cpuCoresAvailable, 4);
  t.is(seen.gcCpuShare, null);
});

test('the collector’s share leaves idle marking out and has an interval', (t) => {
  const record = buildRunRecord({
    objectives: [{ endpoint: null, kind: 'gc-cpu', limit: percent(5), comparison: '<' }],
    stages: [{ rate: 100, seconds: 12, target: { gcCpuShare: 0.08, gcCyclesPerSecond: 3 } }],
  });
  const { stages, verdict } = analyze(record);
  t.true(near(stages[0]?.target.gcCpuShare ?? null, 0.08));
  t.like(verdict.objectives[0], { status: 'fail' });
  t.true(near(verdict.objectives[0]?.measured?.estimate ?? null, 0.08));
});

test('gauges are means, ceilings are judged by the largest reading', (t) => {
  const { stages, verdict } = analyze(
    buildRunRecord({
      objectives: [
        { endpoint: null, kind: 'goroutines', limit: 100, comparison: '<' },
        { endpoint: null, kind: 'rss', limitBytes: bytes(50_000_000), comparison: '<' },
      ],
      stages: [{ rate: 100, seconds: 6, target: { goroutines: 90, rssBytes: 60_000_000 } }],
    }),
  );
  t.like(stages[0]?.target, { goroutines: 90, rssBytes: 60_000_000 });
  t.deepEqual(
    verdict.objectives.map(({ status }) => status),
    ['pass', 'fail'],
  );
});

test('a pool: wait per request known, hold time not, since database/sql does not tell how often it hands out', (t) => {
  const [pool] = targetOf({ pool: { maxOpen: 10, inUse: 8, waitsPerSecond: 20, waitMsPerRequest: 3 } }).pools;
  t.like(pool, { name: 'orders', maxOpen: 10, inUse: 8, holdMs: null });
  t.true(near(pool?.waitMsPerRequest ?? null, 3));
  t.true(near(pool?.waitCountPerSecond ?? null, 20));
});

test('where the exporter counts acquires, hold time is Little’s law: mean in use / rate', (t) => {
  const record = buildRunRecord({
    stages: [{ rate: 100, seconds: 12 }],
    scrapes: (startedAt) =>
      Array.from({ length: 13 }, (_, second) => ({
        collector: 'prometheus',
        source: 'http://127.0.0.1:6060/metrics',
        at: after(startedAt, seconds(second)),
        durationMs: milliseconds(2),
        bytes: bytes(100),
        contentType: 'text/plain',
        body: `pgxpool_acquired_conns 4\npgxpool_max_conns 10\npgxpool_acquire_count ${200 * second}\n`,
        error: null,
      })),
  });
  const [pool] = analyze(record).stages[0]?.target.pools ?? [];
  t.true(near(pool?.holdMs ?? null, 20));
});

test('scheduling latency is told as the upper end of its bucket', (t) => {
  t.true(near(targetOf({ schedulingLatencySeconds: 0.0002 }).schedulingLatencyMs['0.99'], 0.917_504));
});

test('beyond saturation CPU is divided by what was answered, not by what was due', (t) => {
  // Every second 100 are due; the answers of a 12 s stage come 4 s late, so 8 s of them come inside it.
  const analysis = analyze(
    buildRunRecord({
      stages: [
        { rate: 100, seconds: 12, settling: 5, latencyMs: () => 4_000, target: { cpuMsPerRequest: 2 } },
        { kind: 'cool-down', rate: 1, seconds: 5, target: { cpuMsPerRequest: 2 } },
      ],
    }),
  );
  t.true(near(analysis.stages[0]?.target.cpuMsPerRequest ?? null, 2));
});

test('a restart inside a stage makes it invalid and its counters null', (t) => {
  const analysis = analyze(
    buildRunRecord({
      stages: [
        { rate: 100, seconds: 6, target: { cpuMsPerRequest: 2, startedSecondsAgo: 600 } },
        { rate: 100, seconds: 6, target: { cpuMsPerRequest: 2, startedSecondsAgo: 60 } },
      ],
    }),
  );
  t.true(analysis.stages.some(({ validity }) => validity.reasons.includes('target-restarted')));
});
