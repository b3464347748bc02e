import { z } from 'zod';
import { messageOf } from '../model/message-of.ts';
import { approximateClosedNetwork } from '../analysis/models/queueing/approximate-closed-network.ts';
import {
  closedNetworkCost,
  exactClosedNetwork,
  largestCost,
} from '../analysis/models/queueing/exact-closed-network.ts';
import type { ClosedNetwork, NetworkFigures as Solved, OpenNetwork } from '../analysis/models/queueing/network.ts';
import { asymptoticBounds, balancedJobBounds } from '../analysis/models/queueing/network-bounds.ts';
import { openNetwork, overloadedStations } from '../analysis/models/queueing/open-network.ts';
import { milliseconds, perSecond } from '../model/units.ts';
import { MisuseError, type Misuse, misuse } from '../scenarios/misuse.ts';

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** What `plimsoll queue network --json` prints, `schema` apart. */
export interface NetworkDocument {
  readonly kind: 'closed' | 'open';
  readonly classes: readonly {
    readonly name: string;
    readonly throughputPerSecond: number;
    readonly responseMs: number;
    readonly stations: readonly {
      readonly name: string;
      readonly throughputPerSecond: number;
      readonly residenceMs: number;
      readonly queueLength: number;
      readonly utilization: number | null;
    }[];
  }[];
  readonly system: {
    readonly throughputPerSecond: number;
    readonly responseMs: number;
    readonly jobs: number;
    /** Of a closed network with one class. */
    readonly boundsPerSecond: { readonly asymptotic: Bounds; readonly balancedJob: Bounds | null } | null;
  };
  readonly method: string;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

const perClass = z.union([z.number(), z.record(z.string(), z.number())]);
const station = z
  .strictObject({
    name: z.string().min(1),
    servers: z.union([z.int().min(1).max(1_000_000), z.literal('delay')]),
    demandMs: perClass.optional(),
    serviceTimeMs: perClass.optional(),
    visits: perClass.optional(),
  })
  .refine(({ demandMs, serviceTimeMs }) => (demandMs === undefined) !== (serviceTimeMs === undefined), {
    error: 'either demandMs, or serviceTimeMs with visits',
  })
  .refine(({ demandMs, visits }) => demandMs === undefined || visits === undefined, {
    error: 'visits go with serviceTimeMs: a demand is for all visits',
  });
const stations = z.array(station).min(1);
const file = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('closed'),
    classes: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          population: z.int().min(1).max(1_000_000),
          thinkTimeMs: z.number().min(0).default(0),
        }),
      )
      .min(1),
    stations,
  }),
  z.strictObject({
    kind: z.literal('open'),
    classes: z.array(z.strictObject({ name: z.string().min(1), arrivalRatePerSecond: z.number().positive() })).min(1),
    stations,
  }),
]);
type NetworkFile = z.infer<typeof file>;
type StationFile = z.infer<typeof station>;

/**
 * Solves the network of a file: exactly where that is affordable, else approximately and said so.
 *
 * @throws MisuseError with every reason why the file is no network, or has no steady state.
 */
export function networkFigures(text: string, where: string): NetworkDocument {
  const network = decode(text, where);
  switch (network.kind) {
    case 'closed': {
      const closed = closedOf(network);
      const affordable = closedNetworkCost(closed) <= largestCost;
      const solved = affordable ? exactClosedNetwork(closed) : approximateClosedNetwork(closed);
      const population = closed.classes.reduce((sum, each) => sum + each.population, 0);
      return {
        ...documentOf('closed', solved, population, boundsOf(closed)),
        warnings: [
          ...(affordable
            ? []
            : [
                {
                  code: 'approximate',
                  message: 'too many populations to count: throughput may be 15 % off, queues more',
                },
              ]),
          ...sharedStations(network),
        ],
      };
    }
    case 'open': {
      const open = openOf(network);
      const overloaded = overloadedStations(open);
      if (overloaded.length > 0)
        throw new MisuseError(
          overloaded.map(({ name, utilization }) => ({
            where: `${where}: station ${name}`,
            message: `the queue grows without bound: utilisation ${utilization.toPrecision(4)} is not below 1`,
            hint: 'more servers, less demand or fewer arrivals',
          })),
        );
      const solved = openNetwork(open);
      return { ...documentOf('open', solved, null, null), warnings: sharedStations(network) };
    }
    default:
      return network satisfies never;
  }
}

function decode(text: string, where: string): NetworkFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw misuse(where, messageOf(error), 'write JSON');
  }
  const decoded = file.safeParse(value);
  const hint = 'see docs/queueing.md for the form of the file';
  if (!decoded.success)
    throw new MisuseError(
      decoded.error.issues.map(({ path, message }) => ({ where: `${where}: ${path.join('.')}`, message, hint })),
    );
  const reasons = namesAndNumbers(decoded.data, where);
  if (reasons.length > 0) throw new MisuseError(reasons);
  return decoded.data;
}

/** What a schema can't see: names twice, classes that are not there, demands below 0, nothing to do at all. */
function namesAndNumbers({ classes, stations: places }: NetworkFile, where: string): Misuse[] {
  const reasons: Misuse[] = [];
  const names = classes.map(({ name }) => name);
  for (const [kind, list] of [
    ['class', names],
    ['station', places.map(({ name }) => name)],
  ] as const)
    for (const name of new Set(list.filter((each, index) => list.indexOf(each) !== index)))
      reasons.push({ where, message: `two of the name "${name}"`, hint: `give each ${kind} a name of its own` });
  for (const place of places)
    for (const [key, value] of [
      ['demandMs', place.demandMs],
      ['serviceTimeMs', place.serviceTimeMs],
      ['visits', place.visits],
    ] as const) {
      const at = `${where}: station ${place.name}, ${key}`;
      if (value === undefined) continue;
      if (typeof value === 'number') {
        if (classes.length > 1)
          reasons.push({
            where: at,
            message: 'one number for several classes',
            hint: `an object: {"${names[0]}": 1, …}`,
          });
        if (value < 0) reasons.push({ where: at, message: `${value} is below 0`, hint: 'a number from 0' });
        continue;
      }
      for (const [name, each] of Object.entries(value)) {
        if (!names.includes(name))
          reasons.push({ where: at, message: `no class "${name}"`, hint: `the classes are ${names.join(', ')}` });
        if (each < 0) reasons.push({ where: at, message: `${each} is below 0`, hint: 'a number from 0' });
      }
      for (const name of names)
        if (!(name in value))
          reasons.push({ where: at, message: `nothing for class "${name}"`, hint: '0 where it never goes there' });
    }
  if (reasons.length === 0)
    for (const each of classes) {
      const pause = 'thinkTimeMs' in each ? each.thinkTimeMs : 0;
      if (places.every((place) => demandOf(place, each.name).demand === 0) && pause === 0)
        reasons.push({
          where: `${where}: class ${each.name}`,
          message: 'does nothing anywhere',
          hint: 'give it a demand',
        });
    }
  return reasons;
}

function demandOf(place: StationFile, name: string): { visits: number; demand: ReturnType<typeof milliseconds> } {
  const of = (value: number | Record<string, number> | undefined, otherwise: number): number =>
    typeof value === 'object' ? (value[name] ?? otherwise) : (value ?? otherwise);
  if (place.demandMs !== undefined) return { visits: 1, demand: milliseconds(of(place.demandMs, 0)) };
  const visits = of(place.visits, 1);
  return { visits, demand: milliseconds(visits * of(place.serviceTimeMs, 0)) };
}

const stationsOf = (places: readonly StationFile[]): ClosedNetwork['stations'] =>
  places.map(({ name, servers }) => ({ name, servers }));

function closedOf({ classes, stations: places }: Extract<NetworkFile, { kind: 'closed' }>): ClosedNetwork {
  return {
    stations: stationsOf(places),
    classes: classes.map(({ name, population, thinkTimeMs }) => ({
      name,
      population,
      thinkTime: milliseconds(thinkTimeMs),
      demands: places.map((place) => demandOf(place, name)),
    })),
  };
}

function openOf({ classes, stations: places }: Extract<NetworkFile, { kind: 'open' }>): OpenNetwork {
  return {
    stations: stationsOf(places),
    classes: classes.map(({ name, arrivalRatePerSecond }) => ({
      name,
      arrivalRate: perSecond(arrivalRatePerSecond),
      demands: places.map((place) => demandOf(place, name)),
    })),
  };
}

function boundsOf({ classes, stations: places }: ClosedNetwork): NetworkDocument['system']['boundsPerSecond'] {
  const [only, more] = classes;
  if (only === undefined || more !== undefined) return null;
  const rows = places.map(({ servers }, index) => ({ servers, demand: Number(only.demands[index]?.demand ?? 0) }));
  const thinkTime = rows.reduce<number>(
    (sum, { servers, demand }) => sum + (servers === 'delay' ? demand : 0),
    only.thinkTime,
  );
  const demands = rows.flatMap(({ servers, demand }) => (servers === 'delay' ? [] : [{ servers, demand }]));
  const bounded = { population: only.population, thinkTime, demands };
  return { asymptotic: asymptoticBounds(bounded), balancedJob: balancedJobBounds(bounded) };
}

function sharedStations({ classes, stations: places }: NetworkFile): { code: string; message: string }[] {
  if (classes.length < 2) return [];
  const names = places
    .filter(({ servers }) => servers !== 'delay')
    .filter((place) => new Set(classes.map(({ name }) => serviceOf(place, name))).size > 1)
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      code: 'unequal-service-times',
      message: `classes differ in their service time at ${names.join(', ')}: the figures hold where it is shared out evenly (a processor), not where jobs stand in line`,
    },
  ];
}

function serviceOf(place: StationFile, name: string): number {
  const { visits, demand } = demandOf(place, name);
  return visits > 0 ? demand / visits : 0;
}

function documentOf(
  kind: 'closed' | 'open',
  { classes, method }: Solved,
  population: number | null,
  boundsPerSecond: NetworkDocument['system']['boundsPerSecond'],
): Omit<NetworkDocument, 'warnings'> {
  const throughput = classes.reduce((sum, each) => sum + each.throughput, 0);
  const jobs = classes.reduce(
    (sum, each) => sum + each.stations.reduce((part, { queueLength }) => part + queueLength, 0),
    0,
  );
  return {
    kind,
    classes: classes.map((each) => ({
      name: each.name,
      throughputPerSecond: each.throughput,
      responseMs: each.response,
      stations: each.stations.map((there) => ({
        name: there.name,
        throughputPerSecond: there.throughput,
        residenceMs: there.residence,
        queueLength: there.queueLength,
        utilization: there.utilization,
      })),
    })),
    system: {
      throughputPerSecond: throughput,
      responseMs: classes.reduce((sum, each) => sum + each.throughput * each.response, 0) / throughput,
      jobs: population ?? jobs,
      boundsPerSecond,
    },
    method,
  };
}
