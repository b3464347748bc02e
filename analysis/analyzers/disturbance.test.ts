import { readFileSync } from 'node:fs';
import test from 'ava';
import { type RunDescription, type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Estimate } from '../../model/finding.ts';
import { type ProfileCapture, type Scrape, captured } from '../../model/measurements.ts';
import { after, bytes, inSeconds, milliseconds, seconds } from '../../model/units.ts';
import type { Disturbance } from '../analysis.ts';
import { analyze } from '../analyze.ts';

const { startedAt } = buildRunRecord({ stages: [] });
const rate = 500;
const stageSeconds = 20;
/** The steady window is seconds 4 to 20 of a stage, its profile seconds 8 to 16 and what it takes to write it. */
const [profileFrom, profileTo] = [8, 16];
const isProfiled = (second: number): boolean => second >= profileFrom && second <= profileTo;

function stagesOf(count: number, more: Partial<StageDescription> = {}): StageDescription[] {
  return Array.from({ length: count }, () => ({
    rate,
    seconds: stageSeconds,
    settling: 4,
    latencyMs: () => 5,
    ...more,
  }));
}

function profilesOf(count: number, late = milliseconds(1)): ProfileCapture[] {
  return Array.from({ length: count }, (_, stage) => ({
    source: null,
    stage,
    label: 'stage',
    kind: 'cpu',
    startedAt: after(startedAt, milliseconds(seconds(stage * stageSeconds + profileFrom) + late)),
    durationMs: seconds(profileTo - profileFrom),
    cumulative: false,
    content: captured({ file: `profiles/${stage}-cpu.pb.gz`, bytes: bytes(1) }),
  }));
}

/** Readings of the process's CPU each second, a few milliseconds late; `costMs` of a request by stage and second. */
function cpuReadings(count: number, costMs: (stage: number, second: number) => number): () => readonly Scrape[] {
  let spent = milliseconds(0);
  const scrapes = Array.from({ length: count * stageSeconds + 1 }, (_, second): Scrape => {
    const body = `# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ${inSeconds(spent)}\n`;
    spent = milliseconds(spent + rate * costMs(Math.floor(second / stageSeconds), second % stageSeconds));
    return {
      collector: 'prometheus',
      source: 'http://127.0.0.1:6060/metrics',
      at: after(startedAt, milliseconds(seconds(second) + (second % 3))),
      durationMs: milliseconds(3),
      bytes: bytes(body.length),
      contentType: 'text/plain; version=0.0.4',
      body,
      error: null,
    };
  });
  return () => scrapes;
}

function disturbanceOf(description: RunDescription, readProfile?: (file: string) => Uint8Array): Disturbance {
  const record = buildRunRecord(description);
  return analyze(record, readProfile === undefined ? {} : { readProfile }).detail.disturbance;
}

const contains = (estimate: Estimate | null, value: number): boolean =>
  estimate !== null && estimate.low <= value && value <= estimate.high;

test('what a CPU profile costs is found again, whatever the stages cost themselves', (t) => {
  const { profiling } = disturbanceOf({
    stages: stagesOf(4, { latencyMs: (_, second) => (isProfiled(second) ? 12 : 10) }),
    profiles: profilesOf(4),
    scrapes: cpuReadings(4, (stage, second) => (0.1 + stage) * (isProfiled(second) ? 1.1 : 1)),
  });
  t.true(Math.abs((profiling.cpuPerRequest?.estimate ?? 0) - 1.1) < 0.001, JSON.stringify(profiling));
  t.true((profiling.cpuPerRequest?.low ?? 0) > 1.09 && (profiling.cpuPerRequest?.high ?? 9) < 1.11);
  // To the histogram's three digits.
  t.true(Math.abs((profiling.responseTimeP99?.estimate ?? 0) - 1.2) < 0.003);
  t.is(profiling.cpuPerRequest?.method, "Student's t on the log ratios of 4 stages");
  t.notRegex(profiling.note, /needed/);
});

test('nothing is found where there is nothing: in 95 of 100 runs the interval of the p99 holds 1', (t) => {
  const runs = 20;
  let covered = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const stages = stagesOf(3, { rate: 200, latencyMs: (random) => 5 * random.exponential() });
    const { profiling } = disturbanceOf({ seed, stages, profiles: profilesOf(3) });
    if (contains(profiling.responseTimeP99, 1)) covered++;
  }
  // 17 of 20 or fewer would be a chance of 1 in 13 at 95 %, 15 or fewer of 1 in 400.
  t.true(covered >= 16, `${covered} of ${runs}`);
});

test('a slow drift is no effect of the profile', (t) => {
  const { profiling } = disturbanceOf({
    stages: stagesOf(3),
    profiles: profilesOf(3),
    scrapes: cpuReadings(3, (_, second) => 0.2 * (1 + second / 100)),
  });
  t.true(Math.abs((profiling.cpuPerRequest?.estimate ?? 0) - 1) < 0.001);
});

test('a profile that began a hair before its second does not take the second before', (t) => {
  const { profiling } = disturbanceOf({
    stages: stagesOf(3, { latencyMs: (_, second) => (isProfiled(second) ? 12 : 10) }),
    profiles: profilesOf(3, milliseconds(-5)),
    scrapes: cpuReadings(3, (_, second) => 0.2 * (isProfiled(second) ? 1.1 : 1)),
  });
  t.true(Math.abs((profiling.cpuPerRequest?.estimate ?? 0) - 1.1) < 0.001);
  t.true(Math.abs((profiling.responseTimeP99?.estimate ?? 0) - 1.2) < 0.003);
});

test('two stages are too few, with the reason', (t) => {
  const { profiling } = disturbanceOf({
    stages: stagesOf(2),
    profiles: profilesOf(2),
    scrapes: cpuReadings(2, () => 0.2),
  });
  t.is(profiling.cpuPerRequest, null);
  t.is(profiling.responseTimeP99, null);
  t.regex(profiling.note, /CPU can be compared in 2 of 2 stages, p99, .* in 2 of 2 stages; 3 are needed/);
});

test('stages that are invalid, whose queue grew or that are no holds do not count', (t) => {
  const [hold] = stagesOf(1);
  if (hold === undefined) throw new Error('no stage');
  const { profiling } = disturbanceOf({
    stages: [
      hold,
      hold,
      { ...hold, health: { cpuMs: milliseconds(5_000) }, latenessMs: () => 400 },
      { ...hold, latencyMs: (_, second) => 10 + 400 * second },
      { ...hold, kind: 'ramp' },
    ],
    profiles: profilesOf(5),
    scrapes: cpuReadings(5, () => 0.2),
  });
  t.regex(profiling.note, /CPU can be compared in 2 of 2 stages/);
});

test('a window that the profile fills has nothing to compare with; few requests have no p99; CPU may be missing', (t) => {
  const filled = disturbanceOf({ stages: stagesOf(3, { settling: 7 }), profiles: profilesOf(3) });
  t.regex(filled.profiling.note, /CPU of the process was not collected/);
  t.is(filled.profiling.responseTimeP99?.confidence, 0.95);
  const noneBefore = disturbanceOf({ stages: stagesOf(3, { settling: 8 }), profiles: profilesOf(3) });
  t.regex(noneBefore.profiling.note, /p99, .* in 0 of 3 stages/);
  const few = disturbanceOf({ stages: stagesOf(3, { rate: 100 }), profiles: profilesOf(3) });
  t.regex(few.profiling.note, /p99, of 1000 requests and more, in 0 of 3 stages/);
});

const capture = readFileSync(new URL('../../fixtures/captures/cpu-collected.pb.gz', import.meta.url));

test('the share of samples that serve collectors, with its binomial interval', (t) => {
  const seen = disturbanceOf({ stages: stagesOf(2), profiles: profilesOf(2) }, () => capture);
  // Two profiles of 200 samples with 28 each; Wilson by SciPy: binomtest(56, 400).proportion_ci(0.95, 'wilson').
  t.is<number | null | undefined, number | undefined>(seen.cpuShare, seen.cpuShareEstimate?.estimate);
  t.is(seen.cpuShareEstimate?.estimate, 0.14);
  t.true(Math.abs((seen.cpuShareEstimate?.low ?? 0) - 0.109409621) < 1e-6);
  t.true(Math.abs((seen.cpuShareEstimate?.high ?? 0) - 0.177439231) < 1e-6);
  t.regex(seen.note, /^56 of 400 samples/);
});

test('fewer than 300 samples tell no share', (t) => {
  const seen = disturbanceOf({ stages: stagesOf(1), profiles: profilesOf(1) }, () => capture);
  t.is(seen.cpuShare, null);
  t.is(seen.cpuShareEstimate, null);
  t.regex(seen.note, /not known: the CPU profiles hold 200 samples, and fewer than 300 tell no share/);
});

test('one profile that cannot be read costs only itself', (t) => {
  const seen = disturbanceOf({ stages: stagesOf(3), profiles: profilesOf(3) }, (file) =>
    file.includes('/0-') ? capture.subarray(0, 99) : capture,
  );
  t.is(seen.cpuShareEstimate?.method, 'binomial over 400 samples of 2 CPU profiles');
});

test('without profiles, or without their bytes, it says so', (t) => {
  t.regex(disturbanceOf({ stages: stagesOf(1) }).note, /no CPU profile of a stage was taken/);
  t.regex(
    disturbanceOf({ stages: stagesOf(1), profiles: profilesOf(1) }).note,
    /no CPU profile could be read: profiles were not read/,
  );
  const without = disturbanceOf({ stages: stagesOf(1), profiles: profilesOf(1), withoutTraffic: true });
  t.is(without.profiling.note, 'the load never began');
  t.is(
    disturbanceOf({ stages: stagesOf(1) }).profiling.note,
    'no valid hold stage without a growing queue had a CPU profile',
  );
});
