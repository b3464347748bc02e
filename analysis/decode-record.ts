import { captureFailed, captured } from '../model/measurements.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { Known } from './analyzers/analyzer.ts';
import { decodeScrapes } from './metrics/decode-scrapes.ts';
import { mainInstance } from './metrics/main-instance.ts';
import { targetSignals } from './metrics/target-signals.ts';
import { cpuProfileUse } from './profiles/cpu-profile-use.ts';
import { stageCaptures } from './profiles/stage-captures.ts';
import { stateCaptures } from './profiles/state-captures.ts';
import { CallTreesOfRun } from './profiles/call-trees-of-run.ts';
import { type ReadProfile, summarizeProfiles } from './profiles/summarize-profiles.ts';
import { decodeTraffic } from './traffic/decode-traffic.ts';
import { requestsDoneBetween } from './traffic/requests-done-between.ts';

/** Everything that was measured, decoded once; what is missing keeps its reason. */
export function decodeRecord(record: RunRecord, readProfile: (file: string) => Uint8Array = notRead): Known {
  const { plan, traffic } = record;
  const scrapes = decodeScrapes(record.scrapes);
  const signals = targetSignals(mainInstance(scrapes, record.collectors));
  // Those of further addresses are of other processes: kept, but no evidence about this one.
  const profiles = record.profiles.filter(({ source }) => source === null);
  const trees = new CallTreesOfRun();
  const read: ReadProfile[] = [];
  const profileSummaries = summarizeProfiles(profiles, readProfile, (profile) => {
    trees.add(profile);
    read.push(profile);
  });
  const decoded = traffic.status === 'captured' ? captured(decodeTraffic(traffic.value, plan)) : traffic;
  const callTrees = trees.finish({
    modulePath: record.environment.target.modulePath,
    requestsBetween: (from, to) =>
      decoded.status === 'captured' ? requestsDoneBetween(decoded.value, from, to) : null,
  });
  const { restarts } = signals;
  return {
    scrapes: captured(scrapes),
    // Counters of several processes, told in turn, are not counters of anything.
    signals: restarts.severalInstances ? captureFailed('several instances answer in turn') : captured(signals),
    restarts: captured(restarts.severalInstances ? { ...restarts, restarts: [] } : restarts),
    plan: captured(plan),
    outcome: captured(record.outcome),
    environment: captured(record.environment),
    collectors: captured(record.collectors),
    profileSummaries: captured(profileSummaries),
    callTrees: captured(callTrees),
    cpuProfiles: captured(cpuProfileUse(profiles, readProfile)),
    stageCaptures: captured(stageCaptures(profiles, read)),
    stateCaptures: captured(stateCaptures(profiles, readProfile)),
    traffic: decoded,
  };
}

function notRead(): never {
  throw new Error('profiles were not read');
}
