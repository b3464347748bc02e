import type { OpenStage } from '../../model/load-profile.ts';
import {
  type CollectorSummary,
  type Scrape,
  type TrafficMeasurement,
  captured,
  notCollected,
} from '../../model/measurements.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import {
  type EpochMilliseconds,
  type Milliseconds,
  after,
  between,
  bytes,
  inSeconds,
  milliseconds,
} from '../../model/units.ts';

/** A trial's record; `target`: which process it met, counted from the first. */
export interface TrialRecord {
  readonly record: RunRecord;
  readonly target: number;
}

/**
 * The trials of a search as one record whose stages follow one another, the pauses between them left out, so that all
 * that can be asked of a run can be asked of a search. Its clock begins with the first trial, and what the others tell is
 * moved to their place in it. Readings of the target are those of its first process: counters of several are no
 * counters. Profiles are none. Of records without traffic nothing is taken.
 */
export function joinRuns([first, ...others]: readonly [TrialRecord, ...TrialRecord[]]): RunRecord {
  const all = [first, ...others];
  const joined = { stages: new Array<OpenStage>(), windows: new Array<Plan['steadyWindows'][number]>() };
  const traffic = {
    cells: new Array<Line<'cells'>>(),
    counts: new Array<Line<'counts'>>(),
    health: new Array<Line<'health'>>(),
    steps: new Array<Line<'steps'>>(),
  };
  const scrapes: Scrape[] = [];
  let engine: TrafficMeasurement['engine'] | null = null;
  let startedAt: EpochMilliseconds = first.record.startedAt;
  let lasted = milliseconds(0);
  for (const { record, target } of all) {
    const { plan, traffic: seen } = record;
    if (seen.status !== 'captured' || plan.loadProfile.kind !== 'open') continue;
    if (engine === null) ({ engine, startedAt } = seen.value);
    const stage = joined.stages.length;
    const offset = lasted;
    const second = inSeconds(offset);
    const place = <T extends { readonly stage: number; readonly second: number }>(line: T): T => ({
      ...line,
      stage: stage + line.stage,
      second: second + line.second,
    });
    traffic.cells.push(...seen.value.cells.map(place));
    traffic.counts.push(...seen.value.counts.map(place));
    traffic.health.push(...seen.value.health.map(place));
    traffic.steps.push(...seen.value.steps.map(place));
    joined.stages.push(...plan.loadProfile.stages);
    joined.windows.push(
      ...plan.steadyWindows.map(({ fromMs, toMs }) => ({
        fromMs: milliseconds(offset + fromMs),
        toMs: milliseconds(offset + toMs),
      })),
    );
    lasted = milliseconds(offset + lengthOf(plan.loadProfile.stages));
    if (target === first.target) {
      const shift = milliseconds(between(seen.value.startedAt, startedAt) + offset);
      const until = milliseconds(lasted - offset);
      scrapes.push(...during(record.scrapes, seen.value.startedAt, until, offset === 0).map(moved(shift)));
    }
  }
  const { record } = first;
  return {
    ...record,
    plan: {
      ...record.plan,
      loadProfile: { ...openProfile(record.plan), stages: uniquelyNamed(joined.stages) },
      steadyWindows: joined.windows,
      connections: {
        ...record.plan.connections,
        count: Math.max(...all.map((trial) => trial.record.plan.connections.count)),
        queueLimit: Math.max(...all.map((trial) => trial.record.plan.connections.queueLimit)),
      },
    },
    startedAt,
    endedAt: all.at(-1)?.record.endedAt ?? record.endedAt,
    outcome: { status: 'completed' },
    readinessRequests: all.reduce((sum, trial) => sum + trial.record.readinessRequests, 0),
    prepareRequests: all.reduce((sum, trial) => sum + trial.record.prepareRequests, 0),
    traffic:
      engine === null
        ? notCollected('no trial has traffic')
        : captured({ engine, startedAt, endedAt: after(startedAt, lasted), ...traffic, complete: true }),
    scrapes,
    collectors: addCollectors(all.flatMap((trial) => (trial.target === first.target ? trial.record.collectors : []))),
    profiles: [],
  };
}

type Line<Kind extends 'cells' | 'counts' | 'health' | 'steps'> = TrafficMeasurement[Kind][number];

function openProfile({ loadProfile }: Plan) {
  if (loadProfile.kind !== 'open') throw new TypeError('a trial is an open loop');
  return loadProfile;
}

const lengthOf = (stages: readonly OpenStage[]): Milliseconds =>
  milliseconds(stages.reduce((sum, { durationMs }) => sum + durationMs, 0));

/** Readings that began before a trial or ended after it would lie in its neighbours' time; those before the first are kept. */
function during(
  scrapes: readonly Scrape[],
  startedAt: EpochMilliseconds,
  lasted: Milliseconds,
  isFirst: boolean,
): readonly Scrape[] {
  return scrapes.filter(
    ({ at, durationMs }) => (isFirst || at >= startedAt) && after(at, durationMs) <= after(startedAt, lasted),
  );
}

const moved =
  (shift: Milliseconds) =>
  (scrape: Scrape): Scrape => ({ ...scrape, at: after(scrape.at, shift) });

/** Each source once, with what all trials read of it. */
function addCollectors(list: readonly CollectorSummary[]): readonly CollectorSummary[] {
  const groups = Map.groupBy(list, ({ collector, source }) => JSON.stringify([collector, source]));
  return [...groups.values()].flatMap(([one, ...rest]) =>
    one === undefined ? [] : [rest.reduce((sum, next) => addTwo(sum, next), one)],
  );
}

function addTwo(left: CollectorSummary, right: CollectorSummary): CollectorSummary {
  const readings = [left, right].flatMap(({ status }) => (status.status === 'captured' ? [status.value] : []));
  return {
    ...left,
    status:
      readings.length === 0
        ? left.status
        : captured({
            readings: readings.reduce((sum, { readings: count }) => sum + count, 0),
            failures: readings.reduce((sum, { failures }) => sum + failures, 0),
          }),
    totalMs: milliseconds(left.totalMs + right.totalMs),
    totalBytes: bytes(left.totalBytes + right.totalBytes),
  };
}

/** A rate that is tried twice gets a number. */
function uniquelyNamed(stages: readonly OpenStage[]): readonly OpenStage[] {
  const seen = new Map<string, number>();
  return stages.map((stage) => {
    const times = (seen.get(stage.name) ?? 0) + 1;
    seen.set(stage.name, times);
    return times === 1 ? stage : { ...stage, name: `${stage.name} (${times})` };
  });
}
