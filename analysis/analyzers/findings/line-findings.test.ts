import test from 'ava';
import { type ProfiledRunDescription, profiledRun } from '../../../fixtures/records/profiled-run.ts';
import type { PlantedFunction } from '../../../fixtures/records/simulate-profiles.ts';
import type { SampleDescription } from '../../../fixtures/records/write-profile.ts';
import type { Finding } from '../../../model/finding.ts';
import { decodeRecord } from '../../decode-record.ts';
import { type Known, answerOf } from '../analyzer.ts';
import { costsAcrossLoad } from '../costs-across-load.ts';
import { loadFidelity } from '../load-fidelity.ts';
import { targetPerStage } from '../target-per-stage.ts';
import { trafficPerStage } from '../traffic-per-stage.ts';
import { gcPressure } from './gc-pressure.ts';
import { globalLock } from './global-lock.ts';
import { growingCost } from './growing-cost.ts';
import { hotFunction } from './hot-function.ts';

/*
 * Findings that name a line: by planted functions, and by decoys that look like them.
 */
type StageOf = NonNullable<ProfiledRunDescription['stage']>;
type MutexOf = NonNullable<ProfiledRunDescription['mutex']>;

const rates = [10, 20, 40, 60, 80];

function findingsOf(description: Partial<ProfiledRunDescription>): readonly Finding[] {
  const { record, read } = profiledRun({ rates, planted: [], ...description });
  let known: Known = decodeRecord(record, read);
  known = { ...known, validity: loadFidelity.ask(known) };
  known = { ...known, figures: trafficPerStage.ask(known), targets: targetPerStage.ask(known) };
  known = { ...known, costs: costsAcrossLoad().ask(known) };
  return [growingCost, hotFunction, globalLock, gcPressure].flatMap((question) => answerOf(question.ask(known)) ?? []);
}
const found = (list: readonly Finding[], id: string): Finding | undefined => list.find((one) => one.id === id);

const planted = (name: string, msPerRequest: PlantedFunction['msPerRequest']): PlantedFunction => ({
  stack: ['runtime.memmove', `shop.${name} /src/shop/${name}.go:42`, 'net/http.(*conn).serve'],
  msPerRequest,
});
const cpuOf =
  (functions: readonly PlantedFunction[]): StageOf =>
  (rate) => ({ target: { cpuMsPerRequest: functions.reduce((sum, each) => sum + each.msPerRequest(rate), 0) } });

test('growing-cost names function, file and line, its exponent with the interval, and the process that agrees', (t) => {
  const functions = [planted('flat', () => 20), planted('growing', (rate) => (25 * rate) / 80)];
  const list = findingsOf({ planted: functions, stage: cpuOf(functions) });
  const finding = found(list, 'growing-cost');
  t.like(finding, { status: 'estimated', severity: 'warning', warnings: [] });
  t.true(
    (finding?.estimate?.low ?? 0) > 0.5 && (finding?.estimate?.high ?? 9) < 1.5,
    JSON.stringify(finding?.estimate),
  );
  t.regex(
    finding?.evidence[0]?.statement ?? '',
    /shop\.growing \(shop\/growing\.go:42\) .* 95% interval .* of 5 stages$/,
  );
  t.deepEqual(
    finding?.evidence.map(({ source }) => source),
    ['pprof:cpu', 'pprof:cpu', 'process'],
  );
  t.regex(finding?.recommendation ?? '', /Refuted where/);
  const alone = found(findingsOf({ planted: functions }), 'growing-cost');
  t.like(alone, { status: 'inconclusive', severity: 'info', warnings: ['single-source'] });
});

test('a flat cost, a small one that grows, and the runtime’s own growth are no growing cost', (t) => {
  const decoys = [
    planted('flat', () => 20),
    planted('small', (rate) => rate / 80),
    { stack: ['runtime.scanobject', 'runtime.gcBgMarkWorker'], msPerRequest: (rate: number) => (20 * rate) / 80 },
    { stack: ['runtime.futex', 'runtime.mcall'], msPerRequest: (rate: number) => 100 / rate },
  ];
  t.is(found(findingsOf({ planted: decoys, stage: cpuOf(decoys) }), 'growing-cost'), undefined);
  const few = [planted('growing', (rate) => (0.5 * rate) / 80)];
  t.is(found(findingsOf({ planted: few, stage: cpuOf(few) }), 'growing-cost'), undefined, 'too few samples');
});

test('hot-function speaks where the processors run out, and only of the service’s own code', (t) => {
  const hot = [planted('hot', () => 35), planted('rest', () => 15)];
  const finding = found(findingsOf({ planted: hot, stage: cpuOf(hot) }), 'hot-function');
  t.like(finding, { status: 'estimated', severity: 'warning' });
  t.is(finding?.evidence[0]?.stage, 3, 'the first stage over its limit of 70 % of four processors');
  t.regex(
    finding?.evidence[0]?.statement ?? '',
    /shop\.hot \(shop\/hot\.go:42\) with what it calls, share of \d+ samples, 95% interval 6.* to 7.*/,
  );
  const { low = 0, high = 1 } = finding?.estimate ?? {};
  t.true(low < 0.7 && 0.7 < high && high - low < 0.08, `${low} to ${high}`);
  const idle = [planted('hot', () => 3.5), planted('rest', () => 1.5)];
  t.is(found(findingsOf({ planted: idle, stage: cpuOf(idle) }), 'hot-function'), undefined);
  const runtime = [
    { stack: ['runtime.scanobject', 'runtime.gcBgMarkWorker'], msPerRequest: () => 45 },
    planted('rest', () => 5),
  ];
  t.is(found(findingsOf({ planted: runtime, stage: cpuOf(runtime) }), 'hot-function'), undefined);
});

const waits =
  (site: string, msPerSecond: number): MutexOf =>
  () => [{ stack: ['sync.(*Mutex).Unlock', site, 'net/http.(*conn).serve'], values: [1000, msPerSecond * 10 * 1e6] }];

const waiting: StageOf = () => ({ target: { mutexWaitMsPerSecond: 900 } });

test('global-lock names where the lock is given back; the runtime’s own count agrees', (t) => {
  const finding = found(findingsOf({ mutex: waits('shop.hold shop/hold.go:9', 1000), stage: waiting }), 'global-lock');
  t.like(finding, { status: 'estimated', severity: 'warning' });
  t.regex(finding?.evidence[0]?.statement ?? '', /given back in shop\.hold \(shop\/hold\.go:9\)$/);
  t.true(Math.abs((finding?.evidence[0]?.value ?? 0) - 1) < 0.02, 'one goroutine waits at a time');
  t.like(found(findingsOf({ mutex: waits('shop.hold', 1000) }), 'global-lock'), { status: 'inconclusive' });
  t.is(
    found(findingsOf({ mutex: waits('shop.hold', 20), stage: waiting }), 'global-lock'),
    undefined,
    'hardly anybody waits',
  );
  const spread: MutexOf = (rate) => ['a', 'b', 'c', 'd'].flatMap((name) => waits(`shop.${name}`, 500)(rate));
  t.is(found(findingsOf({ mutex: spread, stage: waiting }), 'global-lock'), undefined, 'many locks');
});

const collected: StageOf = () => ({ target: { gcCpuShare: 0.3, gcCyclesPerSecond: 5 } });

const allocs = (): readonly SampleDescription[] => [
  { stack: ['shop.encode /src/shop/encode.go:12', 'shop.handle'], values: [4000, 4000 * 300_000] },
  { stack: ['bytes.growSlice', 'shop.read /src/shop/read.go:3'], values: [1000, 1000 * 300_000] },
];
const few = (): readonly SampleDescription[] => [{ stack: ['shop.encode'], values: [40, 40 * 300_000] }];

test('gc-pressure names the place that allocates most, which is no witness', (t) => {
  const finding = found(findingsOf({ allocs, stage: collected }), 'gc-pressure');
  t.is(finding?.status, 'inconclusive', 'the runtime alone says so');
  const site = finding?.evidence.at(-1);
  t.is(site?.source, 'pprof:allocs');
  t.regex(
    site?.statement ?? '',
    /shop\.encode \(shop\/encode\.go:12\) with what it calls, share of \d+ samples, 95% interval 7\d.* to 8\d/,
  );
  t.true(Math.abs((site?.value ?? 0) - 0.8) < 0.001);
  const unsure = found(findingsOf({ allocs: few, stage: collected }), 'gc-pressure')?.evidence.at(-1);
  t.regex(unsure?.statement ?? '', /shop\.encode with what it calls, share of \d+ samples, too few for a share$/);
  t.is(unsure?.value, null);
});
