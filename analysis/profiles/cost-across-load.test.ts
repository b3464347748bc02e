import test from 'ava';
import { type PlantedFunction, simulateCpuProfile } from '../../fixtures/records/simulate-profiles.ts';
import { writeProfile } from '../../fixtures/records/write-profile.ts';
import { seededRandom } from '../../model/random.ts';
import {
  type CostAcrossLoad,
  type FunctionAcrossLoad,
  type ProfiledStage,
  costAcrossLoad,
} from './cost-across-load.ts';
import type { CostTrend } from './cost-law.ts';
import { decodeProfile } from './decode-profile.ts';

const served = ['net/http.(*conn).serve /go/src/net/http/server.go:2109', 'runtime.goexit asm.s:1700'];
const planted = (name: string, msPerRequest: PlantedFunction['msPerRequest']): PlantedFunction => ({
  stack: [`runtime.memmove memmove.s:7`, `shop.${name} /src/shop/${name}.go:42`, ...served],
  msPerRequest,
});

/** Cost per request that goes with the rate by known exponents, and one that is paid per second. */
const functions: readonly PlantedFunction[] = [
  planted('constant', () => 0.4),
  planted('linear', (rate) => (0.4 * rate) / 400),
  planted('quadratic', (rate) => 0.4 * (rate / 400) ** 2),
  { stack: ['runtime.scanobject mgc.go:1', 'runtime.gcBgMarkWorker mgc.go:5'], msPerRequest: (rate) => 30 / rate },
];
const exponents = { constant: 0, linear: 1, quadratic: 2 } as const;

function stagesOf(rates: readonly number[], seed: number, clump = 1, lasts = 30): readonly ProfiledStage[] {
  const random = seededRandom(seed);
  return rates.map((ratePerSecond, stage) => ({
    stage,
    ratePerSecond,
    requests: ratePerSecond * lasts,
    endpointRequests: new Map(),
    durationMs: lasts,
    profile: decodeProfile(simulateCpuProfile(functions, { ratePerSecond, lasts, clump }, random)),
  }));
}

const across = (stages: readonly ProfiledStage[], atPerSecond = 400): CostAcrossLoad =>
  costAcrossLoad(stages, { type: 'cpu', modulePath: 'shop', atPerSecond });
const named = ({ functions: list }: CostAcrossLoad, name: string): FunctionAcrossLoad | undefined =>
  list.find((each) => each.name === name);

test('constant, linear and quadratic costs are told apart, over 100 seeds', (t) => {
  const held = { constant: 0, linear: 0, quadratic: 0 };
  let apart = 0;
  const trends: CostTrend[] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const cost = across(stagesOf([50, 100, 200, 300, 400], seed, 1, 60));
    const intervals = Object.entries(exponents).map(([name, truth]) => {
      const { exponent = null, trend = 'inconclusive' } = named(cost, `shop.${name}`)?.site ?? {};
      const [low, high] = [exponent?.low ?? -Infinity, exponent?.high ?? Infinity];
      const holds = (value: number): boolean => low <= value && value <= high;
      trends.push(trend);
      return { name, held: holds(truth), others: [0, 1, 2].filter((value) => value !== truth && holds(value)) };
    });
    for (const each of intervals)
      for (const name of ['constant', 'linear', 'quadratic'] as const)
        if (each.name === name && each.held) held[name]++;
    if (intervals.every(({ others }) => others.length === 0)) apart++;
    t.is(named(cost, 'runtime.gcBgMarkWorker')?.site.trend, 'falling');
  }
  for (const [name, count] of Object.entries(held)) t.true(count >= 90, `${name}: ${count} of 100`);
  t.true(apart >= 95, `${apart} of 100 told apart`);
  t.true(trends.filter((trend) => trend === 'innocent').length >= 80);
  t.is(trends.filter((trend) => trend === 'growing').length, 200);
});

test('functions are ranked by what they will cost at the target rate, with the place that causes it', (t) => {
  const stages = stagesOf([50, 100, 200, 300, 400], 3);
  const [far] = across(stages, 500).functions;
  t.like(far, {
    name: 'shop.quadratic',
    origin: 'own',
    file: '/src/shop/quadratic.go',
    line: 42,
    place: 'shop/quadratic.go:42',
  });
  const [near] = across(stages, 100).functions;
  t.is(near?.name, 'shop.constant');
  const { predicted = null } = far?.site ?? {};
  t.true(predicted !== null && predicted.low <= 0.625 && 0.625 <= predicted.high, JSON.stringify(predicted));
  t.is(named(across(stages), 'runtime.memmove')?.flat.trend, 'growing', 'flat: all three together');
  t.is(named(across(stages), 'runtime.memmove')?.site.samples, 0);
});

test('fewer than 300 samples or three rates decide nothing', (t) => {
  const short = across(stagesOf([50, 100, 200, 300, 400], 1, 1, 1));
  t.like(named(short, 'shop.quadratic')?.site, { trend: 'inconclusive' });
  t.regex(named(short, 'shop.quadratic')?.site.reason ?? '', /^\d+ samples of at least 300$/);
  const two = across(stagesOf([50, 400], 1));
  t.like(two.total, { trend: 'inconclusive', exponent: null, predicted: null });
  t.is(two.total.reason, '2 of at least 3 stages of different rates');
  t.is(two.functions[0]?.site.stages.length, 2, 'what was measured is told all the same');
});

test('where samples come in clumps the interval is wider, and says so', (t) => {
  const widths = [1, 20].map((clump) => {
    const list = Array.from({ length: 20 }, (_, seed) => {
      const { exponent = null } =
        named(across(stagesOf([50, 100, 200, 300, 400], seed, clump)), 'shop.constant')?.site ?? {};
      return { width: (exponent?.high ?? 0) - (exponent?.low ?? 0), method: exponent?.method ?? '' };
    });
    return {
      mean: list.reduce((sum, { width }) => sum + width, 0) / 20,
      said: list.filter(({ method }) => method.includes('widened')),
    };
  });
  t.true((widths[1]?.mean ?? 0) > 3 * (widths[0]?.mean ?? Infinity), JSON.stringify(widths.map(({ mean }) => mean)));
  t.true((widths[1]?.said.length ?? 0) >= 18);
});

const labelled = (endpoint: string, share: number): PlantedFunction => ({
  ...planted('work', () => share),
  labels: { endpoint },
});

test('by label: of an endpoint’s own requests where its name is the label’s value, else of all', (t) => {
  const stages = [100, 150, 200, 300, 400].map((ratePerSecond, stage): ProfiledStage => {
    const lasts = 60;
    const parts = [labelled('menu', 0.75), labelled('/orders/{id}', 0.25)];
    return {
      stage,
      ratePerSecond,
      requests: ratePerSecond * lasts,
      endpointRequests: new Map([
        ['menu', ratePerSecond * lasts * 0.75],
        ['order', ratePerSecond * lasts * 0.25],
      ]),
      durationMs: lasts,
      profile: decodeProfile(simulateCpuProfile(parts, { ratePerSecond, lasts }, seededRandom(stage))),
    };
  });
  const [label, ...others] = across(stages).labels;
  t.is(others.length, 0);
  t.is(label?.key, 'endpoint');
  t.deepEqual(
    label?.values.map(({ value, requestsOf, cost }) => [value, requestsOf, cost.trend]),
    [
      ['menu', 'endpoint', 'innocent'],
      ['/orders/{id}', 'all', 'innocent'],
    ],
  );
  const [menu, orders] = label?.values.map(({ cost }) => cost.predicted) ?? [];
  t.true(menu !== null && menu !== undefined && menu.low <= 1 && 1 <= menu.high, 'a millisecond each');
  t.true(orders !== null && orders !== undefined && orders.low <= 0.25 && 0.25 <= orders.high, 'of all requests');
});

test('waiting for mutexes is told by the scatter between stages, however often the runtime says it was sampled', (t) => {
  const random = seededRandom(8);
  const stages = [100, 200, 300, 400].map((ratePerSecond, stage): ProfiledStage => {
    const lasts = 30;
    // One in ten is sampled, and scaled up by it.
    const seen = Math.round(ratePerSecond * lasts * 0.1);
    let delay = 0;
    for (let each = 0; each < seen; each++) delay += 10 * random.exponential() * 1e6 * (ratePerSecond / 100);
    const profile = writeProfile({
      types: [
        ['contentions', 'count'],
        ['delay', 'nanoseconds'],
      ],
      samples: [
        { stack: ['sync.(*Mutex).Unlock mutex.go:1', 'shop.hold shop.go:7'], values: [10 * seen, Math.round(delay)] },
      ],
    });
    return {
      stage,
      ratePerSecond,
      requests: ratePerSecond * lasts,
      endpointRequests: new Map(),
      durationMs: lasts,
      profile: decodeProfile(profile),
    };
  });
  const cost = costAcrossLoad(stages, { type: 'mutex', modulePath: 'shop', atPerSecond: 400 });
  const { exponent = null, trend } = cost.functions.find(({ name }) => name === 'shop.hold')?.site ?? {};
  t.is(trend, 'growing');
  t.true(exponent !== null && exponent.low <= 1 && 1 <= exponent.high, JSON.stringify(exponent));
});
