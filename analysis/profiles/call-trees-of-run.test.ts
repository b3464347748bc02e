import { readFileSync } from 'node:fs';
import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../fixtures/records/sample-run.ts';
import { type ProfileCapture, captured } from '../../model/measurements.ts';
import { type EpochMilliseconds, after, bytes, seconds } from '../../model/units.ts';
import { analyze } from '../analyze.ts';

const read = (file: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/captures/${file}.pb.gz`, import.meta.url));

const { traffic, startedAt: runStartedAt } = buildRunRecord(sampleRun);
const loadStartedAt = traffic.status === 'captured' ? traffic.value.startedAt : runStartedAt;

const capture = (
  kind: ProfileCapture['kind'],
  stage: number | null,
  at: EpochMilliseconds,
  file: string,
): ProfileCapture => ({
  source: null,
  stage,
  label: stage === null ? 'baseline' : 'stage',
  kind,
  startedAt: at,
  durationMs: seconds(kind === 'cpu' ? 2 : 0),
  cumulative: kind === 'allocs',
  content: captured({ file, bytes: bytes(1) }),
});

test('a run gives one tree for each kind, with the requests that were done while its values came up', (t) => {
  const before = after(loadStartedAt, seconds(-1));
  const during = after(loadStartedAt, seconds(3));
  const { detail } = analyze(
    buildRunRecord({
      ...sampleRun,
      profiles: [
        capture('allocs', null, before, 'allocs-before'),
        capture('cpu', 1, during, 'cpu-loaded'),
        capture('allocs', 1, after(during, seconds(3)), 'allocs-after'),
        capture('goroutine', 1, after(during, seconds(3)), 'goroutine-loaded'),
        capture('heap', 1, after(during, seconds(3)), 'damaged'),
      ],
    }),
    {
      readProfile: (file) => (file === 'damaged' ? new Uint8Array(3) : read(file)),
    },
  );
  t.deepEqual(
    detail.callTrees.map(({ kind, unit }) => [kind, unit]),
    [
      ['allocs', 'bytes'],
      ['cpu', 'nanoseconds'],
      ['goroutine', 'count'],
    ],
  );
  const doneIn = (from: number, to: number): number =>
    detail.timeline.reduce((sum, { second, done }) => sum + (second >= from && second < to ? done : 0), 0);
  const [allocs, cpu, goroutine] = detail.callTrees;
  t.like(cpu?.profiles, [{ stage: 1, samples: 84, durationMs: 2000, requests: doneIn(3, 5), note: null }]);
  t.true(doneIn(3, 5) > 0);
  t.like(allocs?.profiles, [
    { label: 'baseline', requests: null, durationMs: null },
    { stage: 1, samples: null, requests: doneIn(0, 6), durationMs: 7000, note: null },
  ]);
  t.regex(allocs?.profiles[0]?.note ?? '', /since the process began/);
  t.like(goroutine?.profiles, [{ requests: null, durationMs: null }]);
  // The difference of two snapshots, as the table has it.
  const total = detail.profiles.find(({ kind, stage }) => kind === 'allocs' && stage === 1)?.total ?? Number.NaN;
  t.is((allocs?.profiles[1]?.cumulative[0] ?? 0) - (allocs?.profiles[1]?.negative ?? 0), total);
});
