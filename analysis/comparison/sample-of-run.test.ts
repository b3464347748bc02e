import test from 'ava';
import { type RunDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { mebibytes } from '../../model/units.ts';
import { builtFrom } from './run-fields.ts';
import { shiftQuantiles } from './run-sample.ts';
import { sampleOfRun } from './sample-of-run.ts';
import { sayUnlike, unlikeFields } from './unlike-fields.ts';

const steady = (changes: Partial<RunDescription['stages'][number]> = {}): RunDescription => ({
  stages: [
    { rate: 50, seconds: 3, kind: 'warm-up' },
    { name: 'hold', rate: 200, seconds: 21, latencyMs: (random) => 10 + random.next(), ...changes },
  ],
});

test('a hold stage as figures of one run; the warm-up is none', (t) => {
  const target = { cpuMsPerRequest: 0.4, allocBytesPerRequest: 2048, goroutines: 12, gcCpuShare: 0.03 };
  const { stages, plannedHolds, metricReadings } = sampleOfRun(buildRunRecord(steady({ target })));
  t.deepEqual(plannedHolds, [1]);
  t.true(metricReadings > 20);
  const [stage] = stages;
  t.like(stage, { index: 1, name: 'hold', load: 200, steadyMs: 20_000, limited: false, targetSeen: true });
  t.deepEqual(stage?.errors, { hits: 0, trials: 4_200 });
  t.is(stages.length, 1);
  const { figures } = stage ?? { figures: null };
  t.true(Math.abs((figures?.p50 ?? 0) - 10.5) < 0.05);
  t.true(Math.abs((figures?.p99 ?? 0) - 10.99) < 0.02);
  t.is(figures?.['p99.9'], null, 'four requests beyond it tell nothing');
  t.is(figures?.throughput, null, 'the load, not the service, set it');
  t.true(Math.abs((figures?.['cpu-per-request'] ?? 0) - 0.4) < 0.01);
  t.true(Math.abs((figures?.['bytes-per-request'] ?? 0) - 2048) < 20);
  t.is(figures?.goroutines, 12);
  t.is(stage?.quantilesMs.response.length, shiftQuantiles.length);
  t.is(stage?.late, false);
  // A twentieth passes before the first byte is written.
  t.true(Math.abs((stage?.serviceTimeMs.p99 ?? 0) - 10.44) < 0.03);
});

test('errors and shed requests are shares of the due ones', (t) => {
  const [stage] = sampleOfRun(
    buildRunRecord(steady({ failures: { timeout: 0.01 }, dropped: 0.01, shed: 0.02 })),
  ).stages;
  t.true(Math.abs((stage?.figures.errors ?? 0) - 0.02) < 0.002);
  t.true(Math.abs((stage?.figures.shed ?? 0) - 0.02) < 0.002);
});

test('where a queue grew the throughput counts, and no response time', (t) => {
  const [stage] = sampleOfRun(buildRunRecord(steady({ latencyMs: (_, second) => 10 + second * 400 }))).stages;
  t.true(stage?.limited);
  t.is(stage?.figures.p50, null);
  t.true((stage?.figures.throughput ?? 200) < 190);
});

test('without traffic there are no stages, and the outcome says why', (t) => {
  const outcome = { status: 'failed', phase: 'target', reason: 'it never got ready', hint: '' } as const;
  const sample = sampleOfRun(buildRunRecord({ ...steady(), withoutTraffic: true, outcome }));
  t.deepEqual(sample.stages, []);
  t.deepEqual(sample.plannedHolds, [1]);
  t.is(sample.outcome.status, 'failed');
  t.is(sample.metricReadings, 0);
});

const called = (description: RunDescription, id: string) => ({ ...sampleOfRun(buildRunRecord(description)), id });

test('runs are unlike by machine, settings and load, not by their build, their names or their addresses', (t) => {
  const plain = called(steady(), 'a');
  t.deepEqual(
    unlikeFields([plain, called({ ...steady(), name: 'other', target: { buildId: 'x', url: null } }, 'b')]),
    [],
  );
  const fields = (description: RunDescription, allowed: readonly string[] = []) =>
    unlikeFields([plain, called(description, 'b')], allowed).map(({ field }) => field);
  t.deepEqual(fields({ ...steady(), host: { cpuModel: 'other', memoryBytes: mebibytes(1) } }), [
    'cpu-model',
    'machine-memory',
  ]);
  t.deepEqual(fields({ ...steady(), target: { gogc: '200', goVersion: null } }), ['go-version', 'gogc']);
  t.deepEqual(fields({ ...steady(), target: { gogc: '200', goVersion: null } }, ['gogc']), ['go-version']);
  t.deepEqual(fields({ stages: [{ rate: 201, seconds: 3 }] }), ['load']);
  const [unlike] = unlikeFields([plain, called({ ...steady(), target: { gogc: null } }, 'b')]);
  t.is(unlike === undefined ? '' : sayUnlike(unlike), 'gogc is 100 in a and not known in b');
  const [load] = unlikeFields([plain, called(steady({ rate: 260 }), 'b')]);
  t.regex(load === undefined ? '' : sayUnlike(load), /^load is …[^]*200[^]* in a and …[^]*260[^]* in b$/);
});

const builtWith = (notes: readonly string[]) => builtFrom(buildRunRecord({ ...steady(), target: { notes } }));

test('the commit is the one that the binary names', (t) => {
  t.is(builtWith([]), null);
  t.is(builtWith(['build settings: -tags=x vcs.revision=0123abcd vcs.modified=false']), '0123abcd');
  t.is(builtWith(['build settings: vcs.revision=0123abcd vcs.modified=true']), '0123abcd-modified');
});
