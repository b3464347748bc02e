import { readFile } from 'node:fs/promises';
import test from 'ava';
import { milliseconds } from '../../model/units.ts';
import { decodeProfile } from './decode-profile.ts';
import { profileDifference } from './profile-difference.ts';
import type { Profile, ProfileLocation, ProfileMapping } from './profile.ts';
import { type FunctionCost, topFunctions } from './top-functions.ts';

const fixture = (path: string): URL => new URL(`../../fixtures/${path}`, import.meta.url);
const capture = async (name: string): Promise<Profile> =>
  decodeProfile(await readFile(fixture(`captures/${name}.pb.gz`)));

/** Rows of `go tool pprof -top`: flat, flat%, sum%, cum, cum%, name with a mark of inlining. */
async function reference(name: string): Promise<FunctionCost[]> {
  const text = await readFile(fixture(`reference/pprof-top/${name}.txt`), 'utf8');
  const row = /^ *(-?\d+)(?:ns|B)? +\S+ +\S+ +(-?\d+)(?:ns|B)? +\S+ {2}(.*?)(?: \((partial-)?(inline)\))?$/;
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, flat, cumulative, name_ = '', partial, inline] = row.exec(line) ?? [];
      const cost = { function: name_, flat: Number(flat), cumulative: Number(cumulative) };
      return inline === undefined ? cost : { ...cost, inlined: partial === undefined ? 'all' : 'some' };
    });
}

const cases: { reference: string; profile: () => Promise<Profile>; sampleType?: string }[] = [
  { reference: 'cpu-loaded', profile: () => capture('cpu-loaded') },
  { reference: 'cpu-loaded-samples', profile: () => capture('cpu-loaded'), sampleType: 'samples' },
  { reference: 'cpu-type-checker', profile: () => capture('cpu-type-checker') },
  { reference: 'allocs-type-checker', profile: () => capture('allocs-type-checker') },
  {
    reference: 'allocs-type-checker-objects',
    profile: () => capture('allocs-type-checker'),
    sampleType: 'alloc_objects',
  },
  { reference: 'heap-after-gc', profile: () => capture('heap-after-gc') },
  { reference: 'goroutine-loaded', profile: () => capture('goroutine-loaded') },
  { reference: 'mutex-after', profile: () => capture('mutex-after') },
  { reference: 'block-after', profile: () => capture('block-after') },
  {
    reference: 'allocs-difference',
    profile: async () => profileDifference(await capture('allocs-before'), await capture('allocs-after')),
  },
  {
    reference: 'block-difference',
    profile: async () => profileDifference(await capture('block-before'), await capture('block-after')),
  },
];

for (const { reference: name, profile, sampleType } of cases) {
  test(`${name}: flat and cumulative of every function as go tool pprof has them`, async (t) => {
    const decoded = await profile();
    const index = decoded.sampleTypes.findIndex(({ type }) => type === sampleType);
    const { functions } = topFunctions(decoded, index === -1 ? {} : { sampleType: index });
    const expected = await reference(name);
    t.true(expected.length > 20, 'the reference was not read');
    t.deepEqual(functions, expected);
  });
}

const app: ProfileMapping = { file: '/bin/app', buildId: '', start: 0, limit: 0, offset: 0 };

/** A profile of one sample type out of stacks of function names, leaf first; a list within a stack is inlined there. */
function profileOf(stacks: readonly { stack: readonly (string | readonly string[])[]; value: number }[]): Profile {
  const names: string[] = [];
  const locations: ProfileLocation[] = [];
  const stack: number[] = [];
  const stackStart = [0];
  for (const sample of stacks) {
    for (const frame of sample.stack) {
      const lines = [frame].flat().map((name) => ({ function: names.push(name) - 1, line: 1, column: 0 }));
      stack.push(locations.push({ address: locations.length, mapping: app, isFolded: false, lines }) - 1);
    }
    stackStart.push(stack.length);
  }
  return {
    sampleTypes: [{ type: 'cpu', unit: 'nanoseconds' }],
    defaultSampleType: 0,
    periodType: { type: 'cpu', unit: 'nanoseconds' },
    period: 0,
    dropFrames: '',
    keepFrames: '',
    functions: names.map((name) => ({ name, systemName: name, file: '', startLine: 0 })),
    locations,
    samples: {
      count: stacks.length,
      stackStart: Uint32Array.from(stackStart),
      stack: Uint32Array.from(stack),
      values: Float64Array.from(stacks, ({ value }) => value),
      labels: stacks.map(() => []),
    },
    startedAt: null,
    durationMs: milliseconds(0),
  };
}

test('recursion counts once, inlined functions count, the total is of absolute values', (t) => {
  const costs = topFunctions(
    profileOf([
      { stack: ['f', 'f', ['g', 'f'], 'main'], value: 10 },
      { stack: [['inner', 'outer'], 'main'], value: 5 },
      { stack: ['f', 'main'], value: -3 },
      { stack: ['never', 'main'], value: 0 },
    ]),
  );
  t.is(costs.total, 18);
  t.is(costs.sum, 12);
  t.deepEqual(costs.functions, [
    { function: 'f', flat: 7, cumulative: 7 },
    { function: 'inner', flat: 5, cumulative: 5, inlined: 'all' },
    { function: 'g', flat: 0, cumulative: 10, inlined: 'all' },
    { function: 'main', flat: 0, cumulative: 12 },
    { function: 'outer', flat: 0, cumulative: 5 },
  ]);
});

test('addresses without symbols are their program, or unknown; a sample without a stack counts in the total only', (t) => {
  const base = profileOf([
    { stack: ['f'], value: 1 },
    { stack: ['g'], value: 2 },
    { stack: [], value: 4 },
  ]);
  const locations = base.locations.map((location, index) => ({
    ...location,
    lines: [],
    mapping: index === 0 ? app : null,
  }));
  const costs = topFunctions({ ...base, locations });
  t.is(costs.total, 7);
  t.deepEqual(
    costs.functions.map((each) => [each.function, each.flat]),
    [
      ['<unknown>', 2],
      ['[app]', 1],
    ],
  );
});
