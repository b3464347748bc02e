import type { Stage } from '../model/load-profile.ts';
import type { SteadyWindow } from '../model/plan.ts';
import { milliseconds, seconds } from '../model/units.ts';
import { stageSpans } from './plan-stages.ts';

const shortestCut = seconds(1);
/** No hold loses more than this at its beginning, however long it is. */
export const longestCut = seconds(5);
const cutShare = 0.2;

/**
 * The part of each stage that is judged. A hold's first fifth is cut (at least 1 s, at most 5 s): queues and pools of
 * the stage before settle in it, and snapshots are taken there. Ramps and short stages are taken whole. Edges are whole
 * seconds from the stage's start, since measurements are kept by the second.
 */
export function steadyWindows(stages: readonly Stage[]): readonly SteadyWindow[] {
  return stageSpans(stages).map(({ fromMs, toMs }, index) => {
    const length = toMs - fromMs;
    const wanted = Math.min(longestCut, Math.max(shortestCut, length * cutShare));
    const cut = seconds(Math.ceil(wanted / seconds(1)));
    if (stages[index]?.kind !== 'hold' || length - cut < shortestCut) return { fromMs, toMs };
    return { fromMs: milliseconds(fromMs + cut), toMs };
  });
}
