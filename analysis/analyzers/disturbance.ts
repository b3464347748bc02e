import type { Disturbance } from '../analysis.ts';
import type { Known } from './analyzer.ts';
import { collectingShare, unknownShare } from './collecting-share.ts';
import { profilingEffect, unknownEffect } from './profiling-effect.ts';

/** What collecting did to the target, from what the run itself measured; what cannot be known says why. */
export function disturbance(known: Known): Disturbance {
  const share = collectingShare.ask(known);
  const profiling = profilingEffect.ask(known);
  return {
    ...(share.status === 'captured' ? share.value : unknownShare(share.reason)),
    profiling: profiling.status === 'captured' ? profiling.value : unknownEffect(profiling.reason),
  };
}
