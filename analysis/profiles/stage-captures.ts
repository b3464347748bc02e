import { type Captured, type ProfileCapture, captureFailed, captured } from '../../model/measurements.ts';
import { type EpochMilliseconds, after } from '../../model/units.ts';
import type { Profile } from './profile.ts';
import type { CostType } from './sample-weights.ts';
import type { ReadProfile } from './summarize-profiles.ts';

/** What a stage's profile of one kind saw, and from when to when. */
export interface StageCapture {
  readonly stage: number;
  readonly type: CostType;
  /** Of cumulative kinds what was added since the snapshot before; where there is none, why. */
  readonly content: Captured<{
    readonly profile: Profile;
    /** By this side's clock. */
    readonly from: EpochMilliseconds;
    readonly to: EpochMilliseconds;
  }>;
}

/** Kinds of profiles by what they tell the cost of. */
const typeOf: Readonly<Partial<Record<ProfileCapture['kind'], CostType>>> = {
  cpu: 'cpu',
  allocs: 'alloc',
  mutex: 'mutex',
  block: 'block',
};

/** The profiles of stages that tell of costs, in the order of the captures. */
export function stageCaptures(
  captures: readonly ProfileCapture[],
  read: readonly ReadProfile[],
): readonly StageCapture[] {
  return captures.flatMap((capture): StageCapture[] => {
    const type = typeOf[capture.kind];
    if (type === undefined || capture.stage === null) return [];
    return [{ stage: capture.stage, type, content: contentOf(capture, read) }];
  });
}

function contentOf(capture: ProfileCapture, read: readonly ReadProfile[]): StageCapture['content'] {
  if (capture.content.status !== 'captured') return capture.content;
  const known = read.find((each) => each.capture === capture);
  if (known === undefined) return captureFailed('its profile could not be read');
  const { profile, since, summary } = known;
  if (since === null) return captureFailed(`it holds ${summary.reason ?? 'all since the process began'}`);
  const length = profile.durationMs > 0 ? profile.durationMs : capture.durationMs;
  return captured({ profile, from: since, to: capture.cumulative ? capture.startedAt : after(since, length) });
}
