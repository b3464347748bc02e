import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { sampleRun } from '../fixtures/records/sample-run.ts';
import { captureFailed } from '../model/measurements.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { Analysis } from './analysis.ts';
import { analyze } from './analyze.ts';

const golden = new URL('../fixtures/golden/analysis-sample.json', import.meta.url);

test('the sample run’s analysis is what it was (UPDATE_GOLDEN=1 writes it anew)', (t) => {
  const { detail, ...contract } = analyze(buildRunRecord(sampleRun));
  const seen = `${JSON.stringify({ ...contract, detail: { ...detail, timeline: detail.timeline.slice(0, 5), signals: detail.signals.map(({ points, ...series }) => ({ ...series, points: points.length })) } }, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, seen);
  t.deepEqual<unknown, unknown>(JSON.parse(seen), JSON.parse(readFileSync(golden, 'utf8')));
});

test('no figure is NaN or infinite, and the document survives JSON', (t) => {
  const analysis = analyze(buildRunRecord(sampleRun));
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'number') t.true(Number.isFinite(value), path);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
  };
  walk(analysis, 'analysis');
  t.deepEqual(JSON.parse(JSON.stringify(analysis)), analysis);
});

test('the same record gives the same analysis, and is left as it was', (t) => {
  const record = buildRunRecord(sampleRun);
  const before = JSON.stringify(record);
  t.deepEqual(analyze(record), analyze(record));
  t.is(JSON.stringify(record), before);
});

const clientSide = ({ stages, verdict, capacity }: Analysis): unknown => ({
  stages: stages.map((stage) => ({ ...stage, target: null, held: null })),
  objectives: verdict.objectives.filter(({ objective }) => !objective.startsWith('gc-cpu')),
  saturation: capacity.saturationPerSecond,
});

test('a collector that failed takes away its own figures and no other', (t) => {
  const whole = buildRunRecord(sampleRun);
  const without: RunRecord = {
    ...whole,
    scrapes: [],
    collectors: whole.collectors.map((collector) => ({ ...collector, status: captureFailed('refused') })),
  };
  const [seen, less] = [analyze(whole), analyze(without)];
  t.deepEqual(clientSide(less), clientSide(seen));
  t.deepEqual(
    less.verdict.objectives.filter(({ objective }) => objective.startsWith('gc-cpu')).map(({ status }) => status),
    ['inconclusive', 'inconclusive', 'inconclusive'],
  );
  t.true(less.stages.every(({ target }) => target.cpuMsPerRequest === null && target.pools.length === 0));
  t.is(less.findings.find(({ id }) => id === 'pool-starved')?.status, 'not-applicable');
  t.is(seen.findings.find(({ id }) => id === 'pool-starved')?.status, 'estimated');
  t.true(less.warnings.some(({ code }) => code === 'target-not-measured'));
});

test('warnings are sentences: keys of the JSON are not in them', (t) => {
  const { warnings } = analyze(buildRunRecord(sampleRun));
  t.true(warnings.some(({ code }) => code === 'signal-missing'));
  t.deepEqual(
    warnings.map(({ message }) => message).filter((message) => /\b[a-z]+[A-Z]|quantiles? 0\./.test(message)),
    [],
  );
});
