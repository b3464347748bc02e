import type { RequiredTest } from '../../model/sign-off.ts';
import { type PerSecond, inSeconds, perSecond, seconds } from '../../model/units.ts';
import { rateText } from '../../model/rate-text.ts';
import type { StageAnalysis } from '../analysis.ts';
import type { SignOffAsked } from './sign-off-asked.ts';
import type { TestedRun } from './tested-run.ts';

/** Poisson arrivals of a short stage miss their rate by so much. */
const tolerance = 0.02;
/** A spike rises to this many times the load before it, within so long. */
const spikeFactor = 2;
const spikeRise = seconds(10);
/** Median of an endpoint, over its median in the other runs, from which a dependency counts as slow. */
const slowFactor = 1.5;

const reaches = ({ offeredPerSecond }: StageAnalysis, rate: PerSecond): boolean =>
  offeredPerSecond >= rate * (1 - tolerance);

/**
 * Whether a run was the test that its name says: what is missing, in a sentence; null where it was. `others` are the runs
 * beside it.
 */
export function missingFromTest(
  test: Exclude<RequiredTest, 'search-certificate'>,
  run: TestedRun,
  asked: Pick<SignOffAsked, 'trafficTarget' | 'instances' | 'leastSoak'>,
  others: readonly TestedRun[],
): string | null {
  const { planned, survive } = asked.instances;
  if (planned === null)
    return 'how many instances will run is not said, so the load of one is not known (--instances N)';
  const share = perSecond(asked.trafficTarget.ratePerSecond / planned);
  const holds = run.analysis.stages.filter(({ kind }) => kind === 'hold');
  const loaded = holds.filter((stage) => reaches(stage, share));
  if (loaded.length === 0) return `no stage held the planned load of an instance, ${rateText(share)}`;
  switch (test) {
    case 'peak-soak':
      return loaded.some(({ durationMs }) => durationMs >= asked.leastSoak)
        ? null
        : `no stage held ${rateText(share)} for ${inSeconds(asked.leastSoak)} s`;
    case 'spike':
      return hasSpike(run.analysis.stages, share)
        ? null
        : `no stage rose to ${spikeFactor} times the load before it within ${inSeconds(spikeRise)} s and fell again`;
    case 'instance-lost': {
      if (survive >= planned) return `of ${planned} instances ${survive} cannot be lost`;
      const left = perSecond(asked.trafficTarget.ratePerSecond / (planned - survive));
      return holds.some((stage) => reaches(stage, left))
        ? null
        : `no stage held what the others get with ${survive} of ${planned} lost, ${rateText(left)}`;
    }
    case 'slow-dependency':
      return wasSlower(run, others)
        ? null
        : `no endpoint took ${slowFactor} times as long (median) as in the other runs: nothing shows that a dependency was slow`;
    case 'restart':
      return restartedBetween(run.analysis.stages, share)
        ? null
        : 'no restart of the target was seen between two stages that held the planned load: collect its metrics, and restart it in a stage that is not judged';
    default:
      return test satisfies never;
  }
}

/** A hold, at once or by a short ramp a higher one, and after it one that is as low as the first. */
function hasSpike(stages: readonly StageAnalysis[], share: PerSecond): boolean {
  const holds = stages.filter(({ kind }) => kind === 'hold');
  return holds.some((peak, index) => {
    const [before, after] = [holds[index - 1], holds[index + 1]];
    if (before === undefined || after === undefined || !reaches(peak, share)) return false;
    const rise = stages.filter((stage) => stage.index > before.index && stage.index < peak.index);
    const low = perSecond((peak.offeredPerSecond * (1 + tolerance)) / spikeFactor);
    return (
      before.offeredPerSecond <= low &&
      after.offeredPerSecond <= low &&
      rise.reduce((sum, { durationMs }) => sum + durationMs, 0) <= spikeRise
    );
  });
}

function restartedBetween(stages: readonly StageAnalysis[], share: PerSecond): boolean {
  const valid = stages.filter(
    (stage) => stage.kind === 'hold' && stage.validity.status === 'valid' && reaches(stage, share),
  );
  return stages.some(
    ({ index, validity }) =>
      validity.reasons.includes('target-restarted') &&
      valid.some((stage) => stage.index < index) &&
      valid.some((stage) => stage.index > index),
  );
}

function wasSlower(run: TestedRun, others: readonly TestedRun[]): boolean {
  const usual = mediansOf(others);
  return [...mediansOf([run])].some(([endpoint, median]) => {
    const before = usual.get(endpoint);
    return before !== undefined && median >= slowFactor * before;
  });
}

/** Endpoint → its lowest median in any hold stage. */
function mediansOf(runs: readonly TestedRun[]): ReadonlyMap<string, number> {
  const medians = new Map<string, number>();
  for (const { analysis } of runs)
    for (const { kind, endpoints } of analysis.stages)
      if (kind === 'hold')
        for (const { name, responseTimeMs } of endpoints) {
          const median = responseTimeMs['0.5']?.estimate;
          if (median !== undefined) medians.set(name, Math.min(median, medians.get(name) ?? median));
        }
  return medians;
}
