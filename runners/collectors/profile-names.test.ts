import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { ProfileCapturePlan } from '../../model/plan.ts';
import { milliseconds } from '../../model/units.ts';
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

test('every capture has a file name of its own', (t) => {
  t.deepEqual(
    profileFileNames([
      capture('baseline', null, 'heap'),
      capture('stage', 0, 'cpu'),
      capture('stage', 12, 'allocs'),
      capture('stage', 12, 'allocs'),
      capture('cool-down', null, 'heap'),
      capture('cool-down', null, 'heap'),
    ]),
    [
      'profiles/baseline-heap.pb.gz',
      'profiles/00-cpu.pb.gz',
      'profiles/12-allocs.pb.gz',
      'profiles/12-allocs-2.pb.gz',
      'profiles/cool-down-heap.pb.gz',
      'profiles/cool-down-heap-2.pb.gz',
    ],
  );
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
