import type { Plan } from '../../model/plan.ts';
import type { Environment } from '../../model/run-record.ts';
import { type Ratio, ratio } from '../../model/units.ts';
import type { TargetSignals } from '../metrics/target-signals.ts';
import { countProcessors, namedProcessors } from '../traffic/stage-plan.ts';
import type { StageReadings } from './stage-readings.ts';

/**
 * Processors that the target may use: the least of its CPU limit, the set it is pinned to, GOMAXPROCS (Go code runs on
 * no more) and, where it runs on this machine, the machine's own. Null where none of them is known.
 */
export function processorsAvailable(
  signals: TargetSignals,
  readings: StageReadings,
  plan: Plan,
  { host, target }: Environment,
): number | null {
  const set = target.processorSet ?? plan.processors.target;
  const known = [
    target.cpuLimit,
    readings.mean(signals.cgroup.cpuLimitCores),
    set === null ? null : countProcessors(set),
    readings.mean(signals.scheduler.gomaxprocs) ?? target.gomaxprocs,
    target.processId === null ? null : host.processors,
  ].filter((count) => count !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Busy share, by all processes, of the processors that the target may use; null where it runs elsewhere. */
export function hostBusyShare(
  { host }: TargetSignals,
  readings: StageReadings,
  plan: Plan,
  { target }: Environment,
): Ratio | null {
  if (target.processId === null) return null;
  const set = target.processorSet ?? plan.processors.target;
  const names = set === null ? null : new Set(namedProcessors(set).map((processor) => `cpu${processor}`));
  let busy = 0;
  let all = 0;
  for (const processor of host.processors) {
    if (names !== null && !names.has(processor.name)) continue;
    const times = [processor.busyMs, processor.stolenMs, processor.idleMs].map(
      (signal) => readings.increase(signal)?.value,
    );
    const [used = null, stolen = null, idle = null] = times;
    if (used === null || stolen === null || idle === null) continue;
    // Stolen time is time the target could not have had either.
    busy += used + stolen;
    all += used + stolen + idle;
  }
  return all === 0 ? null : ratio(busy / all);
}
