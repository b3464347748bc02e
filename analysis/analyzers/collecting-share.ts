import type { Estimate } from '../../model/finding.ts';
import { ratio } from '../../model/units.ts';
import type { Disturbance } from '../analysis.ts';
import type { CpuProfileUse } from '../profiles/cpu-profile-use.ts';
import { normalQuantile } from '../statistics/normal-quantile.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { defineAnalyzer } from './analyzer.ts';
import { confidence } from './latency-quantiles.ts';

/** Of fewer samples a share of a few per cent is a handful: it is not told. */
const fewestSamples = 300;

export type CollectingShare = Pick<Disturbance, 'cpuShare' | 'cpuShareEstimate' | 'note'>;

/**
 * How much of the target's CPU went into answering collectors: samples of the stages' CPU profiles below a function that
 * serves metrics or profiles, with the binomial interval (Wilson's) over all samples. A reading takes less time than lies
 * between two samples, so samples are as good as independent.
 */
export const collectingShare = defineAnalyzer({
  name: 'collecting-share',
  needs: ['cpuProfiles'],
  wants: [],
  answer: ({ cpuProfiles }): CollectingShare => {
    const read = cpuProfiles.flatMap(({ samples }) => (samples.status === 'captured' ? [samples.value] : []));
    if (read.length === 0) return unknownShare(whyNone(cpuProfiles));
    const all = read.reduce((sum, samples) => sum + samples.all, 0);
    const collecting = read.reduce((sum, samples) => sum + samples.collecting, 0);
    if (all < fewestSamples)
      return unknownShare(`the CPU profiles hold ${all} samples, and fewer than ${fewestSamples} tell no share`);
    const estimate: Estimate = {
      estimate: collecting / all,
      ...wilsonInterval(collecting / all, all, normalQuantile((1 + confidence) / 2)),
      confidence,
      method: `binomial over ${all} samples of ${read.length} CPU profiles`,
    };
    return {
      cpuShare: ratio(estimate.estimate),
      cpuShareEstimate: estimate,
      note: `${collecting} of ${all} samples of the CPU profiles were below functions that answer requests for metrics and profiles, whoever asked; ${notInIt}`,
    };
  },
});

const notInIt =
  'not in it are the garbage collection that these answers cause, the profiler’s own interruptions and the snapshots between stages, when no CPU profile runs';

export const unknownShare = (reason: string): CollectingShare => ({
  cpuShare: null,
  cpuShareEstimate: null,
  note: `what collecting cost the target is not known: ${reason}`,
});

function whyNone(profiles: readonly CpuProfileUse[]): string {
  const [first] = profiles;
  if (first === undefined) return 'no CPU profile of a stage was taken';
  return first.samples.status === 'captured' ? '' : `no CPU profile could be read: ${first.samples.reason}`;
}
