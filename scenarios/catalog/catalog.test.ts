import test from 'ava';
import type { Plan } from '../../model/plan.ts';
import { seededRandom, streamSeed } from '../../model/random.ts';
import type { Scenario } from '../../model/scenario.ts';
import { planRun } from '../plan-run.ts';
import type { CatalogOptions } from './catalog-options.ts';
import { coldStart } from './cold-start.ts';
import { requests } from './group-buy-requests.ts';
import { instanceLost } from './instance-lost.ts';
import { nightly } from './nightly.ts';
import { peakSoak } from './peak-soak.ts';
import { restart } from './restart.ts';
import { slowDependency } from './slow-dependency.ts';
import { soak } from './soak.ts';
import { spike } from './spike.ts';
import { waterLevel } from './water-level.ts';

const planned = (scenario: Scenario): Plan | null => {
  const made = planRun(scenario, {
    requestsModule: {
      hash: '0123456789abcdef',
      endpoints: ['menu', 'group', 'order', 'place-order', 'join', 'pay'],
      hasPrepare: false,
    },
    rows: null,
    workingDirectory: '/srv',
    processors: { generator: null, target: null },
    targetIsLocal: true,
    hasVariable: () => true,
  });
  return made.ok ? made.plan : null;
};

const rates = (make: (options: CatalogOptions) => Scenario, peak: number): (readonly [string, number, number])[] => {
  const profile = planned(make({ target: 'http://127.0.0.1:8080', peak }))?.loadProfile;
  if (profile?.kind !== 'open') return [];
  return profile.stages.map((stage) => [stage.kind, stage.startPerSecond, stage.endPerSecond]);
};

test('nightly goes from 100 over 5,000 to 10,000/s and scales with the peak', (t) => {
  t.deepEqual(rates(nightly, 10_000), [
    ['warm-up', 100, 100],
    ['hold', 100, 100],
    ['ramp', 100, 5_000],
    ['hold', 5_000, 5_000],
    ['ramp', 5_000, 10_000],
    ['hold', 10_000, 10_000],
  ]);
  t.deepEqual(rates(nightly, 1_000).at(-1), ['hold', 1_000, 1_000]);
});

test('the water-level stair has ten levels up to the peak', (t) => {
  const levels = rates(waterLevel, 300).filter(([kind]) => kind === 'hold');
  t.deepEqual(
    levels.map(([, rate]) => rate),
    [30, 60, 90, 120, 150, 180, 210, 240, 270, 300],
  );
});

test('a soak is one hold, a cold start has no warm-up and is measured from its first second', (t) => {
  t.deepEqual(rates(soak, 1_000).slice(1), [['hold', 700, 700]]);
  t.deepEqual(rates(coldStart, 1_000), [
    ['ramp', 500, 500],
    ['hold', 500, 500],
  ]);
});

test('a sign-off’s tests: a soak at the peak, a spike there and back, the load that a lost instance leaves', (t) => {
  t.deepEqual(rates(peakSoak, 900).slice(1), [['hold', 900, 900]]);
  t.deepEqual(rates(spike, 900).slice(1), [
    ['hold', 300, 300],
    ['ramp', 300, 900],
    ['hold', 900, 900],
    ['ramp', 900, 300],
    ['hold', 300, 300],
  ]);
  t.deepEqual(rates((options) => instanceLost({ ...options, instances: 4 }), 1_000).slice(1), [
    ['hold', 750, 750],
    ['hold', 1_000, 1_000],
  ]);
});

test('a slow dependency and a restart are settings of a service that plimsoll launches, and of no other', (t) => {
  const target = { launch: ['./group-buy'] as const, environment: { DB_POOL: '16' } };
  for (const [scenario, name, value] of [
    [slowDependency({ target, peak: 100 }), 'DOWNSTREAM_DELAY', '300ms'],
    [restart({ target, peak: 100 }), 'RESTART_AT_STAGE', '2'],
  ] as const) {
    const plan = planned(scenario);
    t.is(plan?.name, scenario.name);
    const launch = plan?.target.kind === 'launch' ? plan.target : null;
    t.like(launch?.environment, { DB_POOL: '16', [name]: value });
  }
  // The stage that the service restarts in is the one that is not judged.
  const stages = planned(restart({ target, peak: 100 }))?.loadProfile.stages ?? [];
  t.deepEqual(
    stages.map(({ kind, name }) => [kind, name]),
    [
      ['warm-up', 'warm-up'],
      ['hold', 'before'],
      ['ramp', 'restart'],
      ['hold', 'after'],
    ],
  );
  for (const make of [slowDependency, restart]) {
    const attached = planned(make({ target: 'http://127.0.0.1:8080', peak: 100 }));
    t.is(attached?.target.kind, 'attach');
  }
});

test('the mix is the documented one, and the same for the same iteration', (t) => {
  const counts = new Map<string, number>();
  const iterations = 20_000;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const request = requests(iteration, seededRandom(streamSeed(1, iteration)));
    counts.set(request.name ?? '', (counts.get(request.name ?? '') ?? 0) + 1);
    const id = Number(/^\/(?:groups|orders)\/(\d+)/.exec(request.path)?.[1] ?? 1);
    if (id < 1 || id > (request.path.startsWith('/groups') ? 100 : 1_000)) t.fail(`${request.path} is not seeded`);
  }
  const wanted = { menu: 0.4, group: 0.25, order: 0.12, 'place-order': 0.1, join: 0.08, pay: 0.05 };
  t.deepEqual([...counts.keys()].toSorted(), Object.keys(wanted).toSorted());
  // Five standard deviations of a binomial share.
  for (const [name, share] of Object.entries(wanted))
    t.true(
      Math.abs((counts.get(name) ?? 0) / iterations - share) < 5 * Math.sqrt((share * (1 - share)) / iterations),
      name,
    );
  t.deepEqual(requests(7, seededRandom(7)), requests(7, seededRandom(7)));
});
