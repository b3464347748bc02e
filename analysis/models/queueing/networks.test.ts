import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../../fixtures/reference/queueing.json' with { type: 'json' };
import { relativeError } from '../../../fixtures/relative-error.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { approximateClosedNetwork } from './approximate-closed-network.ts';
import { closedNetworkCost, exactClosedNetwork, largestCost } from './exact-closed-network.ts';
import { mmc } from './mmc.ts';
import { asymptoticBounds, balancedJobBounds } from './network-bounds.ts';
import type { ClosedNetwork, Demand } from './network.ts';
import { openNetwork, overloadedStations } from './open-network.ts';

interface Row {
  readonly populations: readonly number[];
  readonly think: readonly number[];
  readonly stations: readonly { readonly servers: number | null; readonly demands: readonly number[] }[];
}

/** Times of the references are taken as milliseconds. */
const networkOf = ({ populations, think, stations }: Row): ClosedNetwork => ({
  stations: stations.map(({ servers }, index) => ({ name: `s${index}`, servers: servers ?? 'delay' })),
  classes: populations.map((population, place) => ({
    name: `c${place}`,
    population,
    thinkTime: milliseconds(think[place] ?? 0),
    demands: stations.map(({ demands }) => ({ visits: 2, demand: milliseconds(demands[place] ?? 0) })),
  })),
});

const single = (
  population: number,
  think: number,
  stations: readonly (readonly [servers: number, demand: number])[],
): ClosedNetwork =>
  networkOf({
    populations: [population],
    think: [think],
    stations: stations.map(([servers, demand]) => ({ servers, demands: [demand] })),
  });

test('closed networks agree with the enumeration of all states in fractions', (t) => {
  t.true(reference.networks.length >= 10);
  for (const row of reference.networks) {
    const { classes } = exactClosedNetwork(networkOf(row));
    for (const [place, { throughput, stations }] of classes.entries()) {
      t.true(relativeError(throughput / 1000, row.throughput[place] ?? Number.NaN) < 1e-10, row.name);
      for (const [index, { queueLength }] of stations.entries())
        t.true(
          Math.abs(queueLength - (row.jobs[index]?.[place] ?? Number.NaN)) < 1e-9,
          `${row.name}, station ${index}`,
        );
    }
  }
});

test('where the textbook’s analysis turns negative: S = 0.1, Z = 0.2', (t) => {
  const printed = [
    [20, 8, 64.7189],
    [100, 32, 312.60867],
    [200, 64, 632.12128],
    [400, 64, 640],
  ] as const;
  for (const [population, servers, throughput] of printed) {
    const [only] = exactClosedNetwork(single(population, 200, [[servers, 100]])).classes;
    t.true(Math.abs((only?.throughput ?? 0) - throughput) < 1e-4, `${only?.throughput} for ${throughput}`);
  }
});

const inside = (value: number | null): boolean => value === null || (value >= 0 && value <= 1 + 1e-12);

test('laws that hold for every closed network', (t) => {
  const station = fc.record({
    servers: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 70 })),
    demand: fc.double({ min: 0.01, max: 50, noNaN: true }),
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1500 }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.array(station, { minLength: 1, maxLength: 4 }),
        (population, think, stations) => {
          const network = networkOf({
            populations: [population],
            think: [think],
            stations: stations.map(({ servers, demand }) => ({ servers, demands: [demand] })),
          });
          const [only] = exactClosedNetwork(network).classes;
          if (only === undefined) return false;
          const throughput = only.throughput / 1000;
          const there = only.stations.reduce((sum, { queueLength }) => sum + queueLength, throughput * think);
          if (relativeError(there, population) > 1e-8) return false;
          const pauses = stations.reduce((sum, { servers, demand }) => sum + (servers === null ? demand : 0), think);
          const demands = stations.flatMap(({ servers, demand }) => (servers === null ? [] : [{ servers, demand }]));
          const bounds = [asymptoticBounds, balancedJobBounds].map((bound) =>
            bound({ population, thinkTime: pauses, demands }),
          );
          return (
            only.stations.every(({ queueLength, utilization }) => queueLength >= 0 && inside(utilization)) &&
            bounds.every(
              (bound) =>
                bound === null ||
                (only.throughput >= bound.low * (1 - 1e-9) && only.throughput <= bound.high * (1 + 1e-9)),
            )
          );
        },
      ),
      { seed: 13, numRuns: 60 },
    ),
  );
});

test('10,000 jobs and 64 servers: finite, not negative, and nobody lost', (t) => {
  for (const think of [0, 200, 20_000, 1_000_000]) {
    const [only] = exactClosedNetwork(
      single(10_000, think, [
        [64, 100],
        [1, 1],
      ]),
    ).classes;
    const figures = [
      only?.throughput,
      ...(only?.stations.flatMap(({ queueLength, residence }) => [queueLength, residence]) ?? []),
    ];
    t.true(
      figures.every((figure) => figure !== undefined && Number.isFinite(figure) && figure >= 0),
      figures.join(' '),
    );
    const jobs = (only?.stations ?? []).reduce(
      (sum, { queueLength }) => sum + queueLength,
      ((only?.throughput ?? 0) / 1000) * think,
    );
    t.true(relativeError(jobs, 10_000) < 1e-8, String(jobs));
  }
});

test('the balanced network’s throughput is known: N / ((N + K − 1) D)', (t) => {
  const [only] = exactClosedNetwork(
    single(30, 0, [
      [1, 4],
      [1, 4],
      [1, 4],
    ]),
  ).classes;
  t.true(relativeError((only?.throughput ?? 0) / 1000, 30 / (32 * 4)) < 1e-12);
  const bounds = balancedJobBounds({
    population: 30,
    thinkTime: 0,
    demands: [1, 2, 3].map(() => ({ servers: 1, demand: 4 })),
  });
  t.true(relativeError(bounds?.low ?? 0, only?.throughput ?? 0) < 1e-12);
  t.true(relativeError(bounds?.high ?? 0, only?.throughput ?? 0) < 1e-12);
});

test('the approximation says that it is one, and is not far from the exact throughput: 7 % for one class, 15 % for classes of few jobs', (t) => {
  for (const row of reference.networks) {
    const network = networkOf(row);
    const exact = exactClosedNetwork(network);
    const approximate = approximateClosedNetwork(network);
    t.regex(approximate.method, /^approximate/);
    t.regex(exact.method, /^exact/);
    for (const [place, { throughput, name }] of approximate.classes.entries())
      t.true(
        relativeError(throughput, exact.classes[place]?.throughput ?? 0) < (network.classes.length === 1 ? 0.07 : 0.15),
        `${row.name}, ${name}: ${throughput}`,
      );
  }
});

test('the cost of the exact solution tells what is too much for it', (t) => {
  t.true(
    closedNetworkCost(
      single(10_000, 200, [
        [64, 100],
        [1, 1],
      ]),
    ) < largestCost,
  );
  const many = networkOf({
    populations: [200, 200, 200],
    think: [0, 0, 0],
    stations: [{ servers: 4, demands: [1, 2, 3] }],
  });
  t.true(closedNetworkCost(many) > largestCost);
  const [first] = approximateClosedNetwork(many).classes;
  t.true((first?.throughput ?? 0) > 0);
});

const demand = (visits: number, each: number): Demand => ({ visits, demand: milliseconds(visits * each) });

test('an open network is M/M/c queues in a row; classes share a station by their load', (t) => {
  const stations = [
    { name: 'web', servers: 4 },
    { name: 'database', servers: 2 },
    { name: 'network', servers: 'delay' },
  ] as const;
  const one = openNetwork({
    stations,
    classes: [{ name: 'all', arrivalRate: perSecond(100), demands: [demand(1, 20), demand(3, 5), demand(1, 7)] }],
  });
  const web = mmc({ servers: 4, arrivalRate: perSecond(100), serviceTime: milliseconds(20) });
  const database = mmc({ servers: 2, arrivalRate: perSecond(300), serviceTime: milliseconds(5) });
  const [all] = one.classes;
  t.true(relativeError(all?.response ?? 0, web.meanResponse + 3 * database.meanResponse + 7) < 1e-12);
  t.is(Number(all?.stations[1]?.throughput), 300);
  t.true(relativeError(all?.stations[1]?.utilization ?? 0, database.utilization) < 1e-12);
  t.is(all?.stations[2]?.utilization, null);

  const half = { arrivalRate: perSecond(50), demands: [demand(1, 20), demand(3, 5), demand(1, 7)] };
  const two = openNetwork({
    stations,
    classes: [
      { name: 'a', ...half },
      { name: 'b', ...half },
    ],
  });
  for (const { response } of two.classes) t.true(relativeError(response, all?.response ?? 0) < 1e-12);

  const over = {
    stations,
    classes: [{ name: 'all', arrivalRate: perSecond(200), demands: [demand(1, 20), demand(3, 5), demand(1, 7)] }],
  };
  t.deepEqual(
    overloadedStations(over).map(({ name }) => name),
    ['web', 'database'],
  );
  t.throws(() => openNetwork(over), { instanceOf: RangeError });
});
