import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../fixtures/records/sample-run.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

const program = new CommandLines();
test.after.always(() => program.end());
const size = (...args: readonly string[]): Promise<EndedProgram> => program.run(['size', ...args]);
const peak = ['replicas', '--capacity', '900/s', '--forecast', '12000/s'] as const;

test('replicas: numbers, the arithmetic, and settings of autoscalers', async (t) => {
  const zones = ['--zones', '3', '--zones-lost', '1', '--balance', '0.9', '--max-unavailable', '1'];
  const { code, out, err } = await size(...peak, ...zones, '--json');
  t.is(code, 0, err);
  t.like(JSON.parse(out), { schema: 'plimsoll/size-replicas/1', replicas: 24, perZone: 8, warnings: [] });
  t.regex(out, /⌈12000 \/ \(900 · 0\.9\)⌉ = ⌈14\.8148…⌉ = 15/);
  const text = await size(...peak, ...zones);
  t.regex(text.out, /^Replicas: 24\n[^]*per zone = ⌈\(15 \+ 1\) \/ \(3 − 1\)⌉ = ⌈8⌉ = 8\nreplicas = 3 · 8 = 24\n/);
  const hpa = await size(...peak, ...zones, '--format', 'hpa', '--deployment', 'orders');
  t.is(hpa.code, 0, hpa.err);
  t.regex(
    hpa.out,
    /\napiVersion: autoscaling\/v2\nkind: HorizontalPodAutoscaler\n[^]*maxReplicas: 24\n[^]*averageValue: "500"\n$/,
  );
  const keda = await size(...peak, '--format', 'keda');
  t.regex(keda.out, /\nkind: ScaledObject\n[^]*maxReplicaCount: 14\n[^]*threshold: "857\.143"\n$/);
});

test('a database with too few connections refuses, and so does a run without a water-level; a run that has one answers', async (t) => {
  const bound = await size(...peak, '--pool', '20', '--database-connections', '100', '--format', 'hpa');
  t.is(bound.code, 4, bound.err);
  t.regex(bound.out, /the database gives way first[^]*a pool of 6 each would fit/);
  t.notRegex(bound.out, /apiVersion/);

  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  await saveRun(buildRunRecord({ ...sampleRun, name: 'held' }), runs, () => null);
  await saveRun(buildRunRecord({ name: 'unasked', stages: [{ rate: 50, seconds: 5 }] }), runs, () => null);
  const known = await size(
    'replicas',
    '--run',
    '20261121-091300-held',
    '--forecast',
    '1000/s',
    '--runs',
    runs,
    '--json',
  );
  t.is(known.code, 0, known.err);
  t.like(JSON.parse(known.out), { replicas: 3, capacity: { perSecond: 400 } });
  const unknown = await size(
    'replicas',
    '--run',
    '20261121-091300-unasked',
    '--forecast',
    '1000/s',
    '--runs',
    runs,
    '--json',
  );
  t.is(unknown.code, 4, unknown.err);
  t.like(JSON.parse(unknown.out), { replicas: null, warnings: [{ code: 'capacity-unknown' }] });
});

test('all that is wrong is said at once', async (t) => {
  const wrong =
    '--capacity 0 --forecast 5/s..2/s --zones 2 --zones-lost 2 --balance 1.2 --burst 0.5 --max-unavailable some --colour';
  const { code, out, err } = await size('replicas', ...wrong.split(' '), '--json');
  t.is(code, 2);
  t.is(out, '');
  for (const line of [
    /--capacity: "0" is not above 0/,
    /--forecast: "5\/s\.\.2\/s": its ends are the wrong way round/,
    /--zones-lost: of 2 zones 2 cannot be lost/,
    /--balance: "1\.2" is above 1/,
    /--burst: "0\.5" is below 1/,
    /--max-unavailable: "some" is not a whole number/,
    /--colour: there is no such flag \(did you mean --color\?\)/,
  ])
    t.regex(err, line);
  const none = await size('replicas');
  t.regex(none.err, /--capacity: is missing[^]*--forecast: is missing/);
  const near = await size('replica', '--forecast', '0');
  t.is(near.code, 2);
  t.regex(near.err, /did you mean replicas\?/);
});
