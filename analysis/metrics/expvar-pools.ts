import type { Series } from '../../model/series.ts';
import { nanoseconds } from '../../model/units.ts';
import { convertSeries } from './combine-series.ts';
import { type Convert, zeroIsUnlimited } from './pool-exporters.ts';
import type { FoundPool, PoolField } from './pool-fields.ts';

interface Shape {
  readonly driver: FoundPool['driver'];
  /** Of Go's struct, by its field's name; durations are in ns there. */
  readonly fields: Readonly<Record<string, PoolField | 'hits' | 'misses'>>;
  readonly converts: Readonly<Record<string, Convert>>;
  /** What no other struct has all of. */
  readonly needed: readonly string[];
}

/** Statistics of pools as expvar shows them: Go's structs as JSON, and of pgxpool, which has none, its methods' names. */
const shapes: readonly Shape[] = [
  {
    driver: 'database/sql',
    needed: ['OpenConnections', 'InUse', 'WaitCount'],
    converts: { MaxOpenConnections: zeroIsUnlimited, WaitDuration: nanoseconds },
    fields: {
      MaxOpenConnections: 'maxOpen',
      OpenConnections: 'open',
      InUse: 'inUse',
      Idle: 'idle',
      WaitCount: 'waitCount',
      WaitDuration: 'waitMs',
      MaxIdleClosed: 'maxIdleClosed',
      MaxIdleTimeClosed: 'maxIdleTimeClosed',
      MaxLifetimeClosed: 'maxLifetimeClosed',
    },
  },
  {
    driver: 'pgxpool',
    needed: ['AcquiredConns', 'MaxConns', 'AcquireCount'],
    converts: { AcquireDuration: nanoseconds, EmptyAcquireWaitTime: nanoseconds },
    fields: {
      MaxConns: 'maxOpen',
      TotalConns: 'open',
      AcquiredConns: 'inUse',
      IdleConns: 'idle',
      AcquireCount: 'acquireCount',
      AcquireDuration: 'acquireMs',
      EmptyAcquireCount: 'waitCount',
      EmptyAcquireWaitTime: 'waitMs',
      CanceledAcquireCount: 'cancelledAcquires',
      NewConnsCount: 'newConnections',
      MaxIdleDestroyCount: 'maxIdleTimeClosed',
      MaxLifetimeDestroyCount: 'maxLifetimeClosed',
    },
  },
  {
    driver: 'go-redis',
    needed: ['Hits', 'Misses', 'TotalConns', 'IdleConns'],
    converts: { WaitDurationNs: nanoseconds },
    fields: {
      Hits: 'hits',
      Misses: 'misses',
      Timeouts: 'timeouts',
      TotalConns: 'open',
      IdleConns: 'idle',
      WaitCount: 'waitCount',
      WaitDurationNs: 'waitMs',
      PendingRequests: 'pending',
    },
  },
];

/** The pools among the numbers of `/debug/vars`; each is named by the path under which it was published. */
export function expvarPools(list: readonly Series[]): readonly FoundPool[] {
  const objects = Map.groupBy(list, ({ name }) => name.slice(0, Math.max(0, name.lastIndexOf('.'))));
  return [...objects].flatMap(([path, series]): FoundPool[] => {
    const byField = new Map(series.map((each) => [each.name.slice(each.name.lastIndexOf('.') + 1), each]));
    const shape = shapes.find(({ needed }) => needed.every((field) => byField.has(field)));
    if (shape === undefined) return [];
    const known = [...byField].filter(([field]) => Object.hasOwn(shape.fields, field));
    return [
      {
        driver: shape.driver,
        name: path === '' ? shape.driver : path,
        note: null,
        fields: new Map(
          known.flatMap(([name, each]) => {
            const [field, convert] = [shape.fields[name], shape.converts[name]];
            return field === undefined ? [] : [[field, convert === undefined ? each : convertSeries(each, convert)]];
          }),
        ),
        waitHistogram: null,
        holdHistogram: null,
        metrics: known.map(([, { name }]) => name),
      },
    ];
  });
}
