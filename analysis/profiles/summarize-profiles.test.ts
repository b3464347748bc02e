import { readFileSync } from 'node:fs';
import test from 'ava';
import { type ProfileCapture, captured, notCollected } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds, ratio } from '../../model/units.ts';
import { summarizeProfiles } from './summarize-profiles.ts';

const read = (file: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/captures/${file}.pb.gz`, import.meta.url));

let clock = 0;
function captureOf(
  kind: ProfileCapture['kind'],
  file: string | null,
  more: Partial<ProfileCapture> = {},
): ProfileCapture {
  clock += 1;
  return {
    source: null,
    stage: 0,
    label: 'stage',
    kind,
    startedAt: epochMilliseconds(clock),
    durationMs: milliseconds(0),
    cumulative: kind === 'allocs' || kind === 'mutex' || kind === 'block',
    content: file === null ? notCollected('the mutex profile is off') : captured({ file, bytes: bytes(1) }),
    ...more,
  };
}

test('a CPU profile in figures', (t) => {
  const [summary] = summarizeProfiles([captureOf('cpu', 'cpu-loaded')], read);
  t.like(summary, {
    stage: 0,
    kind: 'cpu',
    file: 'cpu-loaded',
    reason: null,
    total: 840_000_000,
    unit: 'nanoseconds',
    samples: 84,
  });
  t.is(summary?.top.length, 10);
  t.deepEqual(summary?.top[0], {
    function: 'internal/runtime/syscall/linux.Syscall6',
    flat: 160_000_000,
    flatShare: ratio(16 / 84),
    cumulativeShare: ratio(16 / 84),
  });
});

test('of cumulative snapshots only what was added since the one before', (t) => {
  const captures = [
    captureOf('allocs', 'allocs-before', { stage: null, label: 'baseline' }),
    captureOf('heap', 'heap-idle'),
    captureOf('allocs', 'allocs-after', { stage: 1 }),
  ];
  // However they are listed, time decides which one is before.
  for (const order of [captures, captures.toReversed()]) {
    const [baseline, after] = summarizeProfiles(order, read)
      .filter(({ kind }) => kind === 'allocs')
      .toSorted((one, other) => (one.stage ?? -1) - (other.stage ?? -1));
    t.regex(baseline?.reason ?? '', /since the process began/);
    t.is(after?.reason, null);
    t.is(after?.total, 392_837_682);
    t.is(after?.top[0]?.function, 'main.(*shop).record');
    t.is(after?.samples, null);
  }
});

test('values that fell tell of a restart', (t) => {
  const [, second] = summarizeProfiles(
    [captureOf('allocs', 'allocs-after'), captureOf('allocs', 'allocs-before', { stage: 1 })],
    read,
  );
  t.regex(second?.reason ?? '', /it restarted after stage 0/);
  t.true((second?.total ?? 0) > 0);
});

test('what was not collected, is missing or is damaged is a summary with its reason', (t) => {
  const summaries = summarizeProfiles(
    [
      captureOf('mutex', null),
      captureOf('cpu', 'not-there'),
      captureOf('cpu', 'damaged'),
      captureOf('block', 'block-off'),
    ],
    (file) => (file === 'damaged' ? read('cpu-loaded').subarray(0, 99) : read(file)),
  );
  t.deepEqual(
    summaries.map(({ total }) => total),
    [null, null, null, 0],
  );
  t.is(summaries[0]?.reason, 'the mutex profile is off');
  t.regex(summaries[1]?.reason ?? '', /ENOENT/);
  t.regex(summaries[2]?.reason ?? '', /cut short/);
});

test('a profile of another kind than expected does not stop the others', (t) => {
  const summaries = summarizeProfiles(
    [captureOf('allocs', 'allocs-before'), captureOf('allocs', 'cpu-loaded'), captureOf('cpu', 'cpu-loaded')],
    read,
  );
  t.regex(summaries[1]?.reason ?? '', /stage 0 holds values of another kind/);
  t.is(summaries[2]?.reason, null);
});
