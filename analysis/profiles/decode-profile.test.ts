import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import test from 'ava';
import * as fc from 'fast-check';
import * as pprof from 'pprof-format';
import { bytes, mebibytes } from '../../model/units.ts';
import { decodeProfile } from './decode-profile.ts';
import type { Profile } from './profile.ts';
import { UnreadableProfile } from './unreadable-profile.ts';
import { topFunctions } from './top-functions.ts';

const names = [
  'allocs-after',
  'allocs-delta',
  'allocs-type-checker',
  'block-after',
  'block-off',
  'cpu-loaded',
  'cpu-type-checker',
  'goroutine-loaded',
  'heap-after-gc',
  'heap-idle',
  'mutex-after',
  'mutex-before',
];
const capture = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../fixtures/captures/${name}.pb.gz`, import.meta.url));

/** Every sample as text: frames, values, labels. */
function samplesOf({ samples, locations, functions, sampleTypes }: Profile): string[] {
  return Array.from({ length: samples.count }, (_, index) => {
    const stack = Array.from(
      samples.stack.subarray(samples.stackStart[index], samples.stackStart[index + 1]),
      (location) =>
        locations[location]?.lines.map((line) => `${functions[line.function]?.name}:${line.line}`).join('<'),
    );
    const values = samples.values.slice(index * sampleTypes.length, (index + 1) * sampleTypes.length);
    const labels = samples.labels[index]?.map(({ key, value, unit }) => `${key}=${value}${unit}`) ?? [];
    return [stack.join(' '), values.join(' '), labels.join(' ')].join(' | ');
  });
}

const signed = (value: number | bigint): number => Number(BigInt.asIntN(64, BigInt(value)));

/** The same by pprof-format, an independent decoder. */
function samplesByOther(raw: Uint8Array): string[] {
  const profile = pprof.Profile.decode(raw);
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const functions = new Map(profile.function.map((each) => [Number(each.id), text(each.name)]));
  const locations = new Map(
    profile.location.map((each) => [
      Number(each.id),
      each.line.map((line) => `${functions.get(Number(line.functionId))}:${Number(line.line)}`).join('<'),
    ]),
  );
  return profile.sample.map(({ locationId, value, label }) => {
    const stack = locationId.map((id) => locations.get(Number(id)));
    const labels = label.map(
      ({ key, str, num, numUnit }) => `${text(key)}=${Number(str) === 0 ? signed(num) + text(numUnit) : text(str)}`,
    );
    return [stack.join(' '), value.map(signed).join(' '), labels.join(' ')].join(' | ');
  });
}

for (const name of names) {
  test(`${name}: every frame, value and label as another decoder has them`, async (t) => {
    const compressed = await capture(name);
    const profile = decodeProfile(compressed);
    t.deepEqual(samplesOf(profile), samplesByOther(gunzipSync(compressed)));
    t.true(profile.startedAt !== null && profile.startedAt > 0);
  });
}

async function shown(name: string): Promise<string> {
  const profile = decodeProfile(await capture(name));
  return profile.sampleTypes[profile.defaultSampleType]?.type ?? '';
}

test('what is shown unasked is what the profile names, else the last', async (t) => {
  t.is(await shown('allocs-after'), 'alloc_space');
  t.is(await shown('heap-after-gc'), 'inuse_space');
  t.is(await shown('cpu-loaded'), 'cpu');
  t.is(await shown('mutex-after'), 'delay');
});

test('the distance between two samples is the runtime’s', async (t) => {
  t.is(decodeProfile(await capture('cpu-loaded')).period, 10_000_000, 'nanoseconds');
  t.is(decodeProfile(await capture('allocs-after')).period, 524_288, 'bytes');
});

test('a profile without gzip is one too', async (t) => {
  const compressed = await capture('cpu-loaded');
  t.deepEqual(decodeProfile(gunzipSync(compressed)), decodeProfile(compressed));
});

/** One function, one location, one sample of this value. */
function oneSample(value: number | bigint, ids: { functionId?: number; locationId?: number } = {}): Buffer {
  const stringTable = new pprof.StringTable();
  const [type, unit, name] = ['delta', 'bytes', 'main.main'].map((text) => stringTable.dedup(text));
  return gzipSync(
    new pprof.Profile({
      stringTable,
      sampleType: [new pprof.ValueType({ type: type ?? 0, unit: unit ?? 0 })],
      function: [new pprof.Function({ id: 1, name: name ?? 0 })],
      location: [new pprof.Location({ id: 1, line: [new pprof.Line({ functionId: ids.functionId ?? 1, line: 3 })] })],
      sample: [new pprof.Sample({ locationId: [ids.locationId ?? 1], value: [value], label: [] })],
    }).encode(),
  );
}

test('values of 64 bits with their sign', (t) => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      t.is(topFunctions(decodeProfile(oneSample(BigInt.asUintN(64, BigInt(value))))).functions[0]?.flat ?? 0, value);
    }),
    {
      seed: 20_261_121,
      numRuns: 300,
      examples: [[-1], [-5], [2 ** 28], [-(2 ** 28)], [2 ** 31], [Number.MIN_SAFE_INTEGER]],
    },
  );
});

const refused = (compressed: Uint8Array, limit = mebibytes(1)): string => {
  try {
    decodeProfile(compressed, limit);
    return 'it was accepted';
  } catch (error) {
    return error instanceof UnreadableProfile ? error.message : `another error: ${String(error)}`;
  }
};

test('what is no profile is refused with one line', async (t) => {
  const whole = await capture('cpu-loaded');
  const raw = gunzipSync(whole);
  t.regex(refused(new Uint8Array()), /it is empty/);
  t.regex(refused(whole.subarray(0, whole.length / 2)), /cut short/);
  t.regex(refused(raw.subarray(0, raw.length - 1)), /cut short/);
  t.regex(refused(Buffer.from('<html><body>401 Unauthorized</body></html>')), /^unreadable profile: .+$/);
  t.regex(
    refused(Buffer.from('Could not enable CPU profiling: cpu profiling already in use\n')),
    /^unreadable profile: .+$/,
  );
  t.regex(
    refused(Buffer.from(whole.map((byte, index) => (index > 100 && index < 200 ? byte ^ 0xff : byte)))),
    /damaged/,
  );
  t.regex(refused(oneSample(1, { functionId: 9 })), /function 9 is missing/);
  t.regex(refused(oneSample(1, { locationId: 9 })), /location 9 is missing/);
  t.regex(refused(gzipSync(Buffer.alloc(0))), /table of texts is missing/);
});

test('a small file that grows large is refused before it takes memory', (t) => {
  t.regex(refused(gzipSync(Buffer.alloc(50 * 1024 * 1024)), mebibytes(1)), /larger than 1048576 bytes/);
  t.regex(refused(Buffer.alloc(100), bytes(99)), /larger than 99 bytes/);
  // Two million empty texts and functions in a few bytes each.
  t.regex(refused(gzipSync(Buffer.alloc(6_000_000, Uint8Array.of(0x32, 0))), mebibytes(32)), /more than 2000000 parts/);
});

function outcome(damaged: Uint8Array): string {
  try {
    const { total, functions } = topFunctions(decodeProfile(damaged));
    return `${total} of ${functions.length}`;
  } catch (error) {
    return error instanceof UnreadableProfile ? error.message : `a bug: ${String(error)}`;
  }
}

test('damaged profiles are read or refused, never anything else, and the same way each time', async (t) => {
  const raws = (await Promise.all(['cpu-loaded', 'heap-after-gc', 'goroutine-loaded'].map(capture))).map((each) =>
    gunzipSync(each),
  );
  const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), {
    minLength: 1,
    maxLength: 8,
  });
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.nat(raws.length - 1), edits, fc.option(fc.nat(), { freq: 1 }), (index, list, cut) => {
      const damaged = Uint8Array.from(raws[index] ?? []);
      for (const { at, byte } of list) damaged[at % damaged.length] = byte;
      const part = cut === null ? damaged : damaged.subarray(0, cut % damaged.length);
      const first = outcome(part);
      t.notRegex(first, /a bug|\n/);
      t.is(outcome(part), first);
      seen[first.startsWith('unreadable') ? 'refused' : 'read']++;
    }),
    { seed: 20_261_121, numRuns: 400 },
  );
  t.true(seen.read > 20 && seen.refused > 20, `${seen.read} read, ${seen.refused} refused: the damage is not telling`);
});
