import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import test from 'ava';
import * as fc from 'fast-check';
import * as pprof from 'pprof-format';
import { mebibytes } from '../../model/units.ts';
import { IncompatibleProfiles } from './combine-profiles.ts';
import { decodeProfile } from './decode-profile.ts';
import { LinearRegexp } from './linear-regexp.ts';
import { UnknownSampleType } from './asked-stacks.ts';
import { type ProfileTop, type ProfileTopQuestion, profileTop } from './profile-top.ts';
import type { Profile } from './profile.ts';
import { UnreadableProfile } from './unreadable-profile.ts';

/*
 * The figures against `go tool pprof` are in test/without-load/profile-top.test.ts; here what Go's profiles do not hold, and what no
 * program wrote.
 */
const plain: Omit<ProfileTopQuestion, 'profiles'> = {
  base: null,
  normalize: false,
  sampleIndex: null,
  sort: 'flat',
  nodeCount: 0,
  nodeFraction: 0,
  filters: { focus: null, ignore: null, hide: null, show: null },
  wholeNames: false,
};

interface Described {
  /** Functions, leaf first; several in one text with `in` between them are inlined at one place. */
  readonly stacks: readonly (readonly [stack: readonly string[], ...values: number[]])[];
  readonly types?: readonly string[];
  readonly period?: string;
  readonly drop?: string;
  readonly keep?: string;
}

function profileOf({ stacks, types = ['cpu'], period = 'cpu', drop = '', keep = '' }: Described): Profile {
  const stringTable = new pprof.StringTable();
  const text = (value: string): number => stringTable.dedup(value);
  const names = [...new Set(stacks.flatMap(([stack]) => stack.flatMap((frame) => frame.split(' in '))))];
  const frames = [...new Set(stacks.flatMap(([stack]) => stack))];
  const unit = text('nanoseconds');
  return decodeProfile(
    new pprof.Profile({
      stringTable,
      sampleType: types.map((type) => new pprof.ValueType({ type: text(type), unit })),
      periodType: new pprof.ValueType({ type: text(period), unit }),
      dropFrames: text(drop),
      keepFrames: text(keep),
      function: names.map(
        (name, index) => new pprof.Function({ id: index + 1, name: text(name), systemName: text(name) }),
      ),
      location: frames.map(
        (frame, index) =>
          new pprof.Location({
            id: index + 1,
            address: index + 100,
            line: frame.split(' in ').map((name) => new pprof.Line({ functionId: names.indexOf(name) + 1, line: 1 })),
          }),
      ),
      sample: stacks.map(
        ([stack, ...value]) =>
          new pprof.Sample({
            locationId: stack.map((frame) => frames.indexOf(frame) + 1),
            value: value.map((each) => (each < 0 ? BigInt.asUintN(64, BigInt(each)) : each)),
            label: [],
          }),
      ),
    }).encode(),
  );
}

const costs = ({ functions }: ProfileTop): Record<string, readonly [flat: number, cumulative: number]> =>
  Object.fromEntries(functions.map((each) => [each.function, [each.flat, each.cumulative]]));

test('frames that the profile drops are left out with all below, but not those before the first of the program', (t) => {
  const stacks: Described['stacks'] = [
    [['memcpy', 'malloc', 'inner in outer', 'main'], 5],
    [['malloc'], 3],
    [['work', 'malloc_keep', 'main'], 2],
    [['leaf', 'mallocx in wrap', 'main'], 1],
  ];
  const top = profileTop({ ...plain, profiles: [profileOf({ stacks, drop: 'malloc.*|outer', keep: 'malloc_keep' })] });
  t.deepEqual(costs(top), { main: [5, 8], malloc: [3, 3], work: [2, 2], malloc_keep: [0, 2], wrap: [1, 1] });
  t.is(top.total, 11);
});

test('expressions in a profile that are none, or take for ever, drop nothing', (t) => {
  const stacks: Described['stacks'] = [[['a'.repeat(3000), 'main'], 1]];
  for (const drop of ['(', '((a{1,200}){1,200}){1,9}b', 'a(?=b)'])
    t.is(profileTop({ ...plain, profiles: [profileOf({ stacks, drop })] }).functions.length, 2, drop);
});

test('names that look like C++ are shortened as pprof does, unless whole ones are asked for', (t) => {
  const shortened: Readonly<Record<string, string>> = {
    'main.(*shop).names.mapped[...].func1': 'main..names.mapped[...].func1',
    'main.(*tree[...]).insert': 'main.(*tree[...]).insert',
    'main.(*shop).add': 'main.(*shop).add',
    'ns::f(int, g(x))::h<t<u>>': 'ns::f::h',
    'ns::f(x)) y(z)': 'ns::f) y(z)',
    'ns::f(x': 'ns::f(x',
    'java.<init>(x)': 'java.<init>(x)',
  };
  const names = Object.keys(shortened);
  const profiles = [profileOf({ stacks: names.map((name, index) => [[name], index + 1]) })];
  const named = (wholeNames: boolean): readonly string[] =>
    profileTop({ ...plain, profiles, wholeNames }).functions.map((each) => each.function);
  t.deepEqual(named(false), names.map((name) => shortened[name] ?? '').toReversed());
  t.deepEqual(named(true), names.toReversed());
});

test('profiles are put together by the sample types that all have', (t) => {
  const one = profileOf({ stacks: [[['f'], 1, 10]], types: ['count', 'cpu'] });
  const other = profileOf({ stacks: [[['f'], 200, 3]], types: ['cpu', 'wall'] });
  t.deepEqual(costs(profileTop({ ...plain, profiles: [one, other] })), { f: [210, 210] });
  const none = profileOf({ stacks: [[['f'], 1]], types: ['wall'] });
  t.throws(() => profileTop({ ...plain, profiles: [one, none] }), { instanceOf: IncompatibleProfiles });
  const periods = [profileOf({ stacks: [[['f'], 1]] }), profileOf({ stacks: [[['f'], 1]], period: 'wall' })];
  t.throws(() => profileTop({ ...plain, profiles: periods }), { instanceOf: IncompatibleProfiles, message: /wall/ });
});

test('scaled values are whole numbers, a half goes away from 0', (t) => {
  const profiles = [
    profileOf({
      stacks: [
        [['f'], 1],
        [['g'], -1],
        [['h'], 6],
      ],
    }),
  ];
  const base = { profiles: [profileOf({ stacks: [[['x'], 9]] })], isDiffBase: true };
  const top = profileTop({ ...plain, profiles, base, normalize: true });
  t.deepEqual(costs(top), { h: [9, 9], x: [-9, -9], f: [2, 2], g: [-2, -2] });
  t.is(top.total, 9);
});

test('a sample type by name, by number, and one that is not there', (t) => {
  const profiles = [profileOf({ stacks: [[['f'], 1, 2]], types: ['space', 'wall'] })];
  const total = (sampleIndex: string): number => profileTop({ ...plain, profiles, sampleIndex }).total;
  t.deepEqual(['wall', '0', 'inuse_space', ''].map(total), [2, 1, 1, 2]);
  for (const absent of ['2', '-1', 'cpu']) {
    const error = t.throws(() => total(absent), { instanceOf: UnknownSampleType });
    t.deepEqual(error?.known, ['space', 'wall']);
  }
});

test('filters tell when they match nothing', (t) => {
  const profiles = [profileOf({ stacks: [[['f'], 1]] })];
  const filters = { focus: new LinearRegexp('f'), ignore: new LinearRegexp('g'), hide: null, show: null };
  t.deepEqual(profileTop({ ...plain, profiles, filters }).unmatched, ['ignore']);
});

const capture = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/captures/${name}.pb.gz`, import.meta.url));

/** What came of any bytes: figures, or one line. */
function outcome(bytes: Uint8Array): string {
  try {
    const profile = decodeProfile(bytes, mebibytes(8));
    const filters = { ...plain.filters, hide: new LinearRegexp('^runtime'), ignore: new LinearRegexp('x') };
    const base = { profiles: [profile], isDiffBase: true };
    const { total, functions } = profileTop({ ...plain, profiles: [profile], base, filters, normalize: true });
    return `${total} of ${functions.length}`;
  } catch (error) {
    return error instanceof UnreadableProfile || error instanceof IncompatibleProfiles
      ? error.message
      : `a bug: ${String(error)}`;
  }
}

const limits = { seed: 20_261_121, numRuns: 300 };

test('any bytes are figures or one line', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, compressed) => {
      t.notRegex(outcome(compressed ? gzipSync(bytes) : bytes), /a bug|\n/);
    }),
    limits,
  );
});

/** Fields with lengths and numbers of all sizes, so that what follows the first byte is looked at as well. */
const field = fc
  .tuple(
    fc.integer({ min: 1, max: 16 }),
    fc.constantFrom(0, 1, 2, 5),
    fc.oneof(fc.nat(200), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53)),
    fc.uint8Array({ maxLength: 12 }),
  )
  .map(([number, wireType, value, rest]) => [number * 8 + wireType, ...varint(value), ...rest]);

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

test('any fields, after a whole profile too, are figures or one line', (t) => {
  const whole = gunzipSync(capture('goroutine-loaded'));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 20 }), fc.boolean(), (fields, after) => {
      const bytes = Uint8Array.from([...(after ? whole : []), ...fields.flat()]);
      t.notRegex(outcome(bytes), /a bug|\n/);
    }),
    limits,
  );
});

test('what claims to be 2 GB, or becomes it, is refused without the memory for it', (t) => {
  const before = process.memoryUsage().rss;
  const claims = [
    // A text, a sample, packed numbers of so many bytes; a location with so many lines is as long as it says.
    [0x32, ...varint(2 ** 31)],
    [0x12, ...varint(2 ** 31)],
    [0x12, ...varint(2 ** 31 + 6), 0x0a, ...varint(2 ** 31)],
    [0x22, ...varint(2 ** 40)],
  ];
  for (const bytes of claims) t.regex(outcome(Uint8Array.from(bytes)), /cut short/);
  const bomb = gzipSync(Buffer.alloc(mebibytes(64)));
  t.regex(outcome(bomb), /larger than/);
  // Bombs within a bomb, as members of one file.
  t.regex(outcome(Buffer.concat(Array.from({ length: 32 }, () => bomb))), /larger than/);
  t.true(process.memoryUsage().rss - before < mebibytes(512), 'memory was taken for what was claimed');
});
