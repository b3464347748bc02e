import { decodeProfile } from '../analysis/profiles/decode-profile.ts';
import { haveDifference, profileDifference } from '../analysis/profiles/profile-difference.ts';
import type { Profile } from '../analysis/profiles/profile.ts';
import { UnreadableProfile } from '../analysis/profiles/unreadable-profile.ts';
import type { ProfileCapture } from '../model/measurements.ts';
import type { ProfileKind } from '../model/plan.ts';
import { findRun } from '../runners/store/find-run.ts';
import { loadRun } from '../runners/store/load-run.ts';
import { readProfile } from '../runners/store/read-profile.ts';
import { misuse } from '../scenarios/misuse.ts';

/**
 * The profiles of one kind that a run took in a stage, one per instance of the target. Of kinds that count since the
 * process began (allocs, mutex, block) what the stage added: the snapshot before is taken off.
 *
 * @throws MisuseError where the run has none, UnreadableRun
 */
export async function profilesOfRun(
  argument: string,
  runsDirectory: string,
  stage: number,
  kind: ProfileKind,
): Promise<readonly Profile[]> {
  const folder = await findRun(argument, runsDirectory);
  const { profiles } = await loadRun(folder);
  const asked = profiles.filter((each) => each.stage === stage && each.kind === kind);
  if (asked.length === 0) throw nothing(profiles, stage, kind);
  return Promise.all(asked.map((each) => ofStage(folder, each, profiles)));
}

function nothing(profiles: readonly ProfileCapture[], stage: number, kind: ProfileKind): Error {
  const captured = profiles.filter((each) => each.stage !== null && each.content.status === 'captured');
  const taken = [...Map.groupBy(captured, (each) => each.kind)].map(([name, ofKind]) => {
    const stages = [...new Set(ofKind.map((each) => each.stage))];
    return `${name} of ${stages.length === 1 ? 'stage' : 'stages'} ${stages.join(', ')}`;
  });
  return misuse(
    '',
    `has no ${kind} profile of stage ${stage}`,
    taken.length === 0 ? 'it was run without profiles of stages: --profiles light' : `it has ${taken.join('; ')}`,
  );
}

async function ofStage(folder: string, capture: ProfileCapture, all: readonly ProfileCapture[]): Promise<Profile> {
  const profile = await read(folder, capture);
  if (!capture.cumulative) return profile;
  const before = all
    .filter((each) => each.kind === capture.kind && each.source === capture.source)
    .filter((each) => each.startedAt < capture.startedAt && each.content.status === 'captured')
    .toSorted((one, other) => one.startedAt - other.startedAt)
    .at(-1);
  if (before === undefined) return profile;
  const earlier = await read(folder, before);
  return haveDifference(earlier, profile) ? profileDifference(earlier, profile) : profile;
}

async function read(folder: string, capture: ProfileCapture): Promise<Profile> {
  const { content, kind, stage } = capture;
  const bytes = await readProfile(folder, capture);
  const reason = content.status === 'captured' ? 'its file is missing' : content.reason;
  if (bytes === null)
    throw misuse('', `has no ${kind} profile of stage ${stage ?? ''}: ${reason}`, 'choose another stage or kind');
  try {
    return decodeProfile(bytes);
  } catch (error) {
    if (!(error instanceof UnreadableProfile)) throw error;
    throw misuse('', `${kind} of stage ${stage ?? ''}: ${error.message}`, 'choose another stage or kind');
  }
}
