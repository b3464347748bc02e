import { readFile } from 'node:fs/promises';
import test from 'ava';
import { decodeProfile } from './decode-profile.ts';
import { profileDifference } from './profile-difference.ts';
import type { Profile } from './profile.ts';
import { topFunctions } from './top-functions.ts';

const capture = async (name: string): Promise<Profile> =>
  decodeProfile(await readFile(new URL(`../../fixtures/captures/${name}.pb.gz`, import.meta.url)));

test('a snapshot minus itself is nothing', async (t) => {
  for (const name of ['allocs-after', 'cpu-type-checker', 'goroutine-loaded']) {
    const profile = await capture(name);
    t.is(profileDifference(profile, profile).samples.count, 0, name);
  }
});

test('before plus difference is after, function by function', async (t) => {
  const [before, after] = await Promise.all([capture('mutex-before'), capture('mutex-after')]);
  const { functions } = topFunctions(profileDifference(before, after));
  t.deepEqual(functions, topFunctions(after).functions);
});

test('the other way round every value has the other sign', async (t) => {
  const [before, after] = await Promise.all([capture('allocs-before'), capture('allocs-after')]);
  const forth = topFunctions(profileDifference(before, after));
  const back = topFunctions(profileDifference(after, before));
  t.is(back.total, forth.total);
  t.is(back.sum, -forth.sum);
  t.deepEqual(
    back.functions.map((each) => [each.function, -each.flat + 0, -each.cumulative + 0]),
    forth.functions.map((each) => [each.function, each.flat, each.cumulative]),
  );
});

test('goroutines with other labels are other samples', async (t) => {
  const profile = await capture('goroutine-loaded');
  const labelled: Profile = {
    ...profile,
    samples: {
      ...profile.samples,
      labels: profile.samples.labels.map(() => [{ key: 'route', value: '/menu', unit: '' }]),
    },
  };
  t.is(profileDifference(profile, labelled).samples.count, 2 * profile.samples.count);
});

test('profiles of different kinds have no difference', async (t) => {
  const [cpu, heap] = await Promise.all([capture('cpu-loaded'), capture('heap-idle')]);
  t.throws(() => profileDifference(cpu, heap), { instanceOf: RangeError, message: /cpu\/nanoseconds.*inuse_space/ });
});
