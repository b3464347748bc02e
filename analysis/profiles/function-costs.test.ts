import { readFile } from 'node:fs/promises';
import test from 'ava';
import { writeProfile } from '../../fixtures/records/write-profile.ts';
import { decodeProfile } from './decode-profile.ts';
import { samplesOf } from './cost-law.ts';
import { functionCosts } from './function-costs.ts';
import type { Profile } from './profile.ts';
import type { CostType } from './sample-weights.ts';
import { topFunctions } from './top-functions.ts';

const read = async (file: string): Promise<Profile> =>
  decodeProfile(await readFile(new URL(`../../fixtures/${file}`, import.meta.url)));

/** Values of `topFunctions`, which are those of `go tool pprof`, in the unit of costs. */
const perUnit: Readonly<Record<CostType, number>> = { cpu: 1e6, alloc: 1, mutex: 1e6, block: 1e6 };

const close = (one: number, other: number): boolean => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other));

for (const [file, type, sampleType] of [
  ['captures/cpu-loaded.pb.gz', 'cpu', 1],
  ['captures/cpu-type-checker.pb.gz', 'cpu', 1],
  ['captures/allocs-type-checker.pb.gz', 'alloc', 1],
  ['captures/mutex-after.pb.gz', 'mutex', 1],
  ['captures/block-after.pb.gz', 'block', 1],
  ['reference/pprof-profiles/go1.26-cpu-1.pb.gz', 'cpu', 1],
] as const)
  test(`${file}: flat and cumulative are those of go tool pprof, and sites sum up to the total`, async (t) => {
    const profile = await read(file);
    const costs = functionCosts(profile, type, null);
    const known = topFunctions(profile, { sampleType });
    t.true(known.functions.length > 10);
    if (costs === null) throw new Error('it holds the cost');
    for (const { function: name, flat, cumulative } of known.functions) {
      t.true(close((costs.functions.get(name)?.flat.value ?? 0) * perUnit[type], flat), `${name}: flat`);
      t.true(
        close((costs.functions.get(name)?.cumulative.value ?? 0) * perUnit[type], cumulative),
        `${name}: cumulative`,
      );
    }
    t.is(costs.functions.size, known.functions.length);
    const sites = [...costs.functions.values()].reduce((sum, { site }) => sum + site.value, 0);
    t.true(close(sites, costs.total.value));
    t.true(close(costs.total.value * perUnit[type], known.total));
  });

test('a CPU profile’s samples are counted: value² / variance is their number', async (t) => {
  const profile = await read('captures/cpu-type-checker.pb.gz');
  const costs = functionCosts(profile, 'cpu', null);
  const counted = topFunctions(profile, { sampleType: 0 });
  t.true(counted.total > 100);
  t.true(close(samplesOf(costs?.total ?? { value: 0, variance: 0 }), counted.total));
});

test('the site is the innermost function of one’s own, with file and line; then of a library; then the outermost', (t) => {
  const profile = decodeProfile(
    writeProfile({
      types: [
        ['samples', 'count'],
        ['cpu', 'nanoseconds'],
      ],
      samples: [
        {
          stack: [
            'runtime.mallocgc malloc.go:10',
            'github.com/x/orm.Scan scan.go:7',
            'shop/web.price /src/shop/web/price.go:42',
            'shop/web.handle /src/shop/web/handle.go:9',
            'net/http.(*conn).serve server.go:1',
          ],
          values: [6, 60e6],
        },
        {
          stack: ['shop/web.price /src/shop/web/price.go:40', 'shop/web.handle /src/shop/web/handle.go:11'],
          values: [1, 10e6],
        },
        { stack: ['github.com/x/orm.Loop loop.go:3', 'runtime.goexit asm.s:1'], values: [2, 20e6] },
        { stack: ['runtime.scanobject scan.go:1', 'runtime.gcBgMarkWorker mgc.go:5'], values: [3, 30e6] },
      ],
    }),
  );
  const costs = functionCosts(profile, 'cpu', 'shop');
  const sites = [...(costs?.functions.values() ?? [])].filter(({ site }) => site.value > 0);
  t.deepEqual(
    sites.map(({ name, origin, site }) => [name, origin, site.value]),
    [
      ['shop/web.price', 'own', 70],
      ['github.com/x/orm.Loop', 'library', 20],
      ['runtime.gcBgMarkWorker', 'standard', 30],
    ],
  );
  const [price] = sites;
  t.is(price?.file, '/src/shop/web/price.go');
  t.deepEqual(
    [...(price?.lines ?? [])],
    [
      [42, 60],
      [40, 10],
    ],
  );
  t.is(costs?.functions.get('shop/web.handle')?.cumulative.value, 70);
});

test('of allocations so many samples are behind a sum as the runtime really took', (t) => {
  const bytesEach = 64;
  // Of objects this small one in 8,192 is sampled; of those as large as the rate 63 %.
  const allocs = decodeProfile(
    writeProfile({
      types: [
        ['alloc_objects', 'count'],
        ['alloc_space', 'bytes'],
      ],
      period: 512 * 1024,
      samples: [
        { stack: ['main.small'], values: [819_200, 819_200 * bytesEach] },
        { stack: ['main.large'], values: [100, 100 * 512 * 1024] },
      ],
    }),
  );
  const costs = functionCosts(allocs, 'alloc', null);
  const samples = (name: string): number => samplesOf(costs?.functions.get(name)?.flat ?? { value: 0, variance: 0 });
  t.true(Math.abs(samples('main.small') - 100) < 0.1, `${samples('main.small')}`);
  t.true(Math.abs(samples('main.large') - 63.2) < 0.1, `${samples('main.large')}`);
});

test('labels are summed up by key and value; what a profile does not hold is null', async (t) => {
  const profile = await read('reference/pprof-profiles/go1.26-cpu-1.pb.gz');
  const costs = functionCosts(profile, 'cpu', null);
  const endpoints = [...(costs?.labels.get('endpoint') ?? [])];
  t.true(endpoints.length > 1, JSON.stringify(endpoints));
  t.true(endpoints.every(([name, { value }]) => name.startsWith('/') && value > 0));
  t.is(functionCosts(profile, 'alloc', null), null);
});
