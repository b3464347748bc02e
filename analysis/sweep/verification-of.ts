import type { Recommendation, SweepEstimate, Verification } from '../../model/sweep-figures.ts';
import type { SweptTarget } from './collector-of-cells.ts';
import { sameSettings } from './same-settings.ts';
import { shownStage, whyNot } from './shown-stage.ts';
import type { SweepRun } from './sweep-run.ts';

/** The run at exactly the recommended settings, against what was predicted of it; null where none was made. */
export function verificationOf(
  runs: readonly SweepRun[],
  { settings, predicted }: Recommendation,
  { memoryLimitBytes }: SweptTarget,
): Verification | null {
  const run = runs.findLast((each) => each.purpose === 'verification' && sameSettings(each.settings, settings));
  if (run === undefined) return null;
  const shown = shownStage([run]);
  const observed = run.stages.find((stage) => stage.observed.index === shown)?.observed ?? null;
  const base = { settings, run: run.run };
  const reason = whyNot(run, shown);
  if (observed === null || reason !== null)
    return { ...base, status: 'inconclusive', reason: reason ?? '', observed: null, belowMemoryLimit: null };
  const peak = observed.rssPeakBytes?.estimate ?? null;
  const belowMemoryLimit = peak === null || memoryLimitBytes === null ? null : peak <= memoryLimitBytes;
  const cpu = comparedWith(observed.gcCpuShare, predicted?.gcCpuShare ?? null);
  const outside = cpu === 'below' || cpu === 'above';
  const reasons = [
    ...(outside ? [`the CPU share of collections lies ${cpu} its predicted interval`] : []),
    ...(belowMemoryLimit === false ? ['memory went beyond the container’s limit'] : []),
    ...(cpu === null ? ['the CPU share of collections is not known'] : []),
    ...(belowMemoryLimit === null ? ['whether memory stayed below the container’s limit is not known'] : []),
  ];
  const differs = outside || belowMemoryLimit === false;
  return {
    ...base,
    status: differs ? 'differs' : reasons.length === 0 ? 'agrees' : 'inconclusive',
    reason: reasons.join('; '),
    observed,
    belowMemoryLimit,
  };
}

function comparedWith(seen: SweepEstimate | null, said: SweepEstimate | null): 'below' | 'within' | 'above' | null {
  if (seen === null || said === null || said.low === null || said.high === null) return null;
  if (seen.estimate < said.low) return 'below';
  return seen.estimate > said.high ? 'above' : 'within';
}
