import type { ProfileCapture } from '../../model/measurements.ts';
import { messageOf } from '../../model/message-of.ts';
import { type EpochMilliseconds, type Ratio, ratio } from '../../model/units.ts';
import type { ProfileSummary } from '../analysis.ts';
import { decodeProfile } from './decode-profile.ts';
import { haveDifference, profileDifference } from './profile-difference.ts';
import type { Profile } from './profile.ts';
import { type FunctionCosts, topFunctions } from './top-functions.ts';

/** How many functions a summary names. */
const topCount = 10;

/**
 * A fall of cumulative values by more than this share of all change is no rounding of the runtime's estimates: another
 * process gave the later snapshot.
 */
const tolerableFall = 0.01;

type Loaded =
  | { readonly profile: Profile; readonly reason: null }
  | { readonly profile: null; readonly reason: string };

/** A profile as it was summarised. */
export interface ReadProfile {
  readonly capture: ProfileCapture;
  /** Of cumulative snapshots the difference to the one before, where there is one. */
  readonly profile: Profile;
  /** Since when its values add up; null: since the process began, or it is a state at one instant. */
  readonly since: EpochMilliseconds | null;
  readonly summary: ProfileSummary;
}

/**
 * One summary per capture, in their order. What cannot be read becomes a summary with the reason. Of cumulative
 * snapshots the figures are the difference to the one of its kind before; of the first of a kind, all since the process
 * began, and `reason` says so.
 *
 * @param read gives the bytes of a file of the run folder; what it throws becomes the summary's reason.
 * @param also is given every profile that could be read, in the order of time, so that no other has to decode it again.
 */
export function summarizeProfiles(
  captures: readonly ProfileCapture[],
  read: (file: string) => Uint8Array,
  also: (profile: ReadProfile) => void = () => undefined,
): ProfileSummary[] {
  const inTime = captures.toSorted((one, other) => one.startedAt - other.startedAt);
  const latest = new Map<string, Snapshot>();
  const summaries = new Map<ProfileCapture, ProfileSummary>();
  for (const capture of inTime) {
    const { profile, reason } = load(capture, read);
    if (profile === null) {
      summaries.set(capture, summaryOf(capture, null, reason));
      continue;
    }
    const before = capture.cumulative ? (latest.get(capture.kind) ?? null) : null;
    const shown = capture.cumulative
      ? sinceBefore(before, profile)
      : { ...costsOf(profile), note: null, since: capture.kind === 'cpu' ? capture.startedAt : null };
    const summary = summaryOf(capture, shown, shown.note);
    summaries.set(capture, summary);
    also({ capture, profile: shown.profile, since: shown.since, summary });
    if (capture.cumulative) latest.set(capture.kind, { profile, label: nameOf(capture), takenAt: capture.startedAt });
  }
  return captures.flatMap((capture) => summaries.get(capture) ?? []);
}

const nameOf = ({ stage, label }: ProfileCapture): string => (stage === null ? label : `stage ${stage}`);

function load({ content }: ProfileCapture, read: (file: string) => Uint8Array): Loaded {
  if (content.status !== 'captured') return { profile: null, reason: content.reason };
  try {
    return { profile: decodeProfile(read(content.value.file)), reason: null };
  } catch (error) {
    const reason = messageOf(error);
    return { profile: null, reason: reason.split('\n')[0] ?? '' };
  }
}

interface Shown {
  readonly profile: Profile;
  readonly costs: FunctionCosts;
}

const costsOf = (profile: Profile): Shown => ({ profile, costs: topFunctions(profile) });

interface Snapshot {
  readonly profile: Profile;
  readonly label: string;
  readonly takenAt: EpochMilliseconds;
}

interface Added extends Shown {
  readonly note: string | null;
  readonly since: EpochMilliseconds | null;
}

function sinceBefore(before: Snapshot | null, profile: Profile): Added {
  const all = (why: string): Added => ({
    ...costsOf(profile),
    note: `all since the process began: ${why}`,
    since: null,
  });
  if (before === null) return all('there is no snapshot before');
  if (!haveDifference(before.profile, profile)) return all(`${before.label} holds values of another kind`);
  const added = costsOf(profileDifference(before.profile, profile));
  const fall = (added.costs.total - added.costs.sum) / 2;
  return fall > tolerableFall * added.costs.total
    ? all(`it restarted after ${before.label}`)
    : { ...added, note: null, since: before.takenAt };
}

function summaryOf(capture: ProfileCapture, shown: Shown | null, reason: string | null): ProfileSummary {
  const { stage, label, kind, content } = capture;
  const { total = null, unit = null, functions = [] } = shown?.costs ?? {};
  const share = (value: number): Ratio => ratio(total === null || total === 0 ? 0 : value / total);
  return {
    stage,
    label,
    kind,
    file: content.status === 'captured' ? content.value.file : null,
    reason,
    total,
    unit,
    samples: shown === null ? null : observations(shown.profile, kind),
    top: functions.slice(0, topCount).map((each) => ({
      function: each.function,
      flat: each.flat,
      flatShare: share(each.flat),
      cumulativeShare: share(each.cumulative),
    })),
  };
}

/**
 * How many observations stand behind the figures: CPU samples, goroutines, contentions. Null for heap and allocs, whose
 * counts the runtime has scaled up already to an estimate of all objects.
 */
function observations({ sampleTypes, samples }: Profile, kind: ProfileCapture['kind']): number | null {
  const counted = sampleTypes.findIndex(({ unit }) => unit === 'count');
  if (kind === 'heap' || kind === 'allocs' || counted === -1) return null;
  let sum = 0;
  for (let index = counted; index < samples.values.length; index += sampleTypes.length)
    sum += Math.abs(samples.values[index] ?? 0);
  return sum;
}
