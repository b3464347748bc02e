import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { ProfileCapturePlan } from '../../model/plan.ts';
import { milliseconds } from '../../model/units.ts';
import { profileFile } from '../store/run-record-shape.ts';
import { readPprofIndex } from './pprof-index.ts';
import { profileFileNames } from './profile-file-names.ts';
import { profileUrl } from './profile-url.ts';

const capture = (label: ProfileCapturePlan['label'], stage: number | null, kind: ProfileCapturePlan['kind']) => ({
  label,
  stage,
  kind,
  atMs: milliseconds(0),
  durationMs: milliseconds(0),
  afterGc: false,
});

const captures = [
  capture('baseline', null, 'heap'),
  capture('stage', 0, 'cpu'),
  capture('stage', 12, 'allocs'),
  capture('stage', 12, 'allocs'),
  capture('cool-down', null, 'heap'),
  capture('cool-down', null, 'heap'),
];

test('those of further addresses have others, and all can be stored', (t) => {
  const names = [1, 2, 3].flatMap((instance) => profileFileNames(captures, instance));
  t.is(new Set(names).size, captures.length * 3);
  t.is(names[captures.length + 1], 'profiles/00-cpu-instance-2.pb.gz');
  t.is(names[captures.length + 3], 'profiles/12-allocs-instance-2-2.pb.gz');
  for (const name of names) t.true(profileFile.safeParse(name).success, name);
});

test('every capture has a file name of its own', (t) => {
  t.deepEqual(profileFileNames(captures, 1), [
    'profiles/baseline-heap.pb.gz',
    'profiles/00-cpu.pb.gz',
    'profiles/12-allocs.pb.gz',
    'profiles/12-allocs-2.pb.gz',
    'profiles/cool-down-heap.pb.gz',
    'profiles/cool-down-heap-2.pb.gz',
  ]);
});

test("the address of a profile keeps the folder's own query", (t) => {
  t.is(profileUrl('http://h/debug/pprof', 'heap', { gc: '1' }), 'http://h/debug/pprof/heap?gc=1');
  t.is(
    profileUrl('http://h/debug/pprof/?t=1', 'profile', { seconds: '5' }),
    'http://h/debug/pprof/profile?t=1&seconds=5',
  );
  t.is(profileUrl('http://h/debug/pprof', ''), 'http://h/debug/pprof/');
});

test("Go's index lists its profiles with their counts; links alone are enough; another page lists none", async (t) => {
  const page = await readFile(new URL('../../fixtures/captures/pprof-index.html', import.meta.url), 'utf8');
  const listed = readPprofIndex(page);
  t.deepEqual(
    listed.map(({ name }) => name),
    ['allocs', 'block', 'cmdline', 'goroutine', 'heap', 'mutex', 'profile', 'symbol', 'threadcreate', 'trace'],
  );
  t.is(listed.find(({ name }) => name === 'threadcreate')?.count, 9);
  t.deepEqual(readPprofIndex('<a href="heap?debug=1">heap</a>'), [{ name: 'heap', count: null }]);
  t.deepEqual(readPprofIndex('<a href="/login">sign in</a>'), []);
});
