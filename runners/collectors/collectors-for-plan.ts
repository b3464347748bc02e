import type { CollectPlan, PprofPlan } from '../../model/plan.ts';
import { cgroupCollector } from './cgroup-collector.ts';
import { expvarCollector } from './expvar-collector.ts';
import type { GctraceCollector } from './gctrace-collector.ts';
import type { Collector } from './port.ts';
import { postgresCollector } from './postgres-collector.ts';
import { type PprofOptions, pprofCollector } from './pprof-collector.ts';
import { processCollector } from './process-collector.ts';
import { prometheusCollector } from './prometheus-collector.ts';
import { socketCollector } from './socket-collector.ts';

export interface CollectorOptions {
  /** Values of `env:NAME` references that are not in the environment. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly saveProfile: PprofOptions['saveProfile'];
  /** Made before the target is launched, since it is given the target's standard error; null: nothing hands it lines. */
  readonly gctrace: GctraceCollector | null;
}

/** Every collector a plan asks for, ready to be checked and started. */
export function collectorsForPlan(collect: CollectPlan, options: CollectorOptions): Collector[] {
  const { secrets, saveProfile, gctrace } = options;
  const access = { headers: collect.adminHeaders, secrets };
  return [
    ...collect.prometheus.map((plan) => prometheusCollector(plan, access)),
    ...collect.expvar.map((plan) => expvarCollector(plan, access)),
    ...pprofCollectors(collect.pprof, { access, saveProfile }),
    ...(collect.process === null
      ? []
      : [processCollector(collect.process.intervalMs), cgroupCollector(collect.process.intervalMs)]),
    ...(collect.sockets === null ? [] : [socketCollector(collect.sockets.intervalMs)]),
    ...(collect.postgres === null ? [] : [postgresCollector(collect.postgres, secrets)]),
    ...(collect.gctrace && gctrace !== null ? [gctrace] : []),
  ];
}

/** One for each address: every process is profiled on its own. */
function pprofCollectors(plan: PprofPlan | null, options: PprofOptions): Collector[] {
  if (plan === null) return [];
  return [
    pprofCollector(plan, options),
    ...plan.furtherUrls.map((url, index) => pprofCollector({ ...plan, url }, options, index + 2)),
  ];
}
