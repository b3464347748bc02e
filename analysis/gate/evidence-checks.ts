import type { EvidencePolicy, GatePolicy } from '../../model/gate-policy.ts';
import {
  type EpochMilliseconds,
  type Milliseconds,
  between,
  inSeconds,
  milliseconds,
  seconds,
} from '../../model/units.ts';
import type { RunSample } from '../comparison/run-sample.ts';
import { sayUnlike, unlikeFields } from '../comparison/unlike-fields.ts';
import type { GateCheck } from './gate-check.ts';
import { sayByRun } from './say-by-run.ts';

/** The runs of one side. */
export interface GateArm {
  readonly name: 'candidate' | 'reference';
  readonly runs: readonly RunSample[];
}

/**
 * Whether there is enough to judge by. What lacks makes the gate inconclusive, never a pass, and cannot be waived.
 *
 * @param now the instant of judging, for the age of the runs
 */
export function evidenceChecks(
  policy: GatePolicy,
  arms: readonly GateArm[],
  now: EpochMilliseconds,
): readonly GateCheck[] {
  const { evidence, reference } = policy;
  const runs = arms.flatMap((arm) => arm.runs);
  return [
    ofRuns('evidence completed', 'every run ended as planned', runs, incomplete),
    ofRuns('evidence valid', 'every planned hold stage was measured, and the generator kept up', runs, invalid),
    steadyCheck(evidence.steadyMs, arms),
    ...(evidence.metrics
      ? [ofRuns('evidence metrics', 'the target told its metrics in every hold stage', runs, withoutMetrics)]
      : []),
    ...(evidence.profiles.length === 0
      ? []
      : [
          ofRuns('evidence profiles', `${evidence.profiles.join(', ')} in every run`, runs, (run) =>
            withoutProfiles(run, evidence),
          ),
        ]),
    ...(evidence.maxAgeMs === null ? [] : [ageCheck(evidence.maxAgeMs, runs, now)]),
    check(
      'evidence alike',
      'machine, settings and load are the same in all runs',
      unlikeFields(runs, reference.allowDifferences).map(sayUnlike),
    ),
  ];
}

function check(id: string, limit: string, faults: readonly string[], details: readonly string[] = faults): GateCheck {
  return {
    id,
    kind: 'evidence',
    status: faults.length === 0 ? 'pass' : 'inconclusive',
    measured: null,
    unit: null,
    limit,
    reason: faults.length === 0 ? null : faults.join('; '),
    weight: null,
    key: true,
    line: null,
    waiver: null,
    details,
  };
}

/** `faultsOf`: what a run lacks. */
function ofRuns(
  id: string,
  limit: string,
  runs: readonly RunSample[],
  faultsOf: (run: RunSample) => readonly string[],
): GateCheck {
  const faults = runs.flatMap((run) => faultsOf(run).map((text) => ({ run: run.id, text })));
  return check(
    id,
    limit,
    faults.length === 0 ? [] : [sayByRun(faults)],
    faults.map(({ run, text }) => `${run}: ${text}`),
  );
}

const incomplete = ({ outcome }: RunSample): readonly string[] =>
  outcome.status === 'completed' ? [] : [`${outcome.status}: ${outcome.reason}`];

function invalid({ plannedHolds, stages }: RunSample): readonly string[] {
  if (plannedHolds.length === 0) return ['there is no hold stage, and only those are judged'];
  return plannedHolds.flatMap((index) => {
    const seen = stages.find((stage) => stage.index === index);
    if (seen === undefined) return [`stage ${index} was not measured`];
    if (seen.validity.status !== 'valid') return [`stage ${index} is invalid: ${seen.validity.reasons.join(', ')}`];
    return seen.errors.trials === 0 ? [`no request was due in stage ${index}`] : [];
  });
}

function steadyCheck(needed: Milliseconds, arms: readonly GateArm[]): GateCheck {
  const said = arms.map(({ name, runs }) => {
    const valid = runs
      .filter(({ outcome }) => outcome.status === 'completed')
      .flatMap(({ stages }) => stages.filter(({ validity }) => validity.status === 'valid'));
    const steady = milliseconds(valid.reduce((sum, { steadyMs }) => sum + steadyMs, 0));
    return { text: `${name}: ${timeText(steady)} in ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`, steady };
  });
  return check(
    'evidence steady-time',
    `${timeText(needed)} of steady time, summed over an arm's runs`,
    said.filter(({ steady }) => steady < needed).map(({ text }) => `only ${text}`),
    said.map(({ text }) => text),
  );
}

const timeText = (duration: Milliseconds): string => `${Number(inSeconds(duration).toFixed(1))} s`;

function withoutMetrics({ plannedHolds, stages, metricReadings }: RunSample): readonly string[] {
  if (metricReadings <= 0) return ["no reading of the target's metrics"];
  return plannedHolds
    .filter((index) => stages.find((stage) => stage.index === index)?.targetSeen !== true)
    .map((index) => `the target told nothing of itself in stage ${index}`);
}

function withoutProfiles({ profiles }: RunSample, evidence: EvidencePolicy): readonly string[] {
  const missing = evidence.profiles.filter((kind) => !profiles.includes(kind));
  return missing.length === 0 ? [] : [`no ${missing.join(', ')} profile`];
}

/** Clocks of two machines may differ by so much. */
const clockDifference = seconds(300);

function ageCheck(most: Milliseconds, runs: readonly RunSample[], now: EpochMilliseconds): GateCheck {
  return ofRuns('evidence age', `not older than ${timeText(most)}`, runs, ({ endedAt }) => {
    const age = between(endedAt, now);
    if (age > most) return [`ended ${timeText(age)} ago`];
    return between(now, endedAt) > clockDifference ? ['ends in the future: a clock is wrong'] : [];
  });
}
