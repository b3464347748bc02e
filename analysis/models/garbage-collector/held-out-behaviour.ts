import { type CollectorBehaviour, type Thrash, behaviourIn } from './collector-cell.ts';
import type { CollectorObservation } from './collector-observation.ts';
import { knowCollector } from './known-collector.ts';

/**
 * What the model makes of each stage when it has not seen the stage's run, in the order of the observations: the other runs
 * tell it. Null where these do not determine the model, such as where they had one setting of GOGC.
 */
export function heldOutBehaviour(
  observations: readonly CollectorObservation[],
): readonly (CollectorBehaviour | Thrash | null)[] {
  const models = new Map(
    [...new Set(observations.map(({ run }) => run))].map((run) => {
      const rest = knowCollector(
        observations.filter((each) => each.run !== run),
        { resamples: 0 },
      );
      return [run, rest.status === 'known' ? rest.model : null];
    }),
  );
  return observations.map(({ run, settings, requestsPerSecond }) => {
    const model = models.get(run) ?? null;
    return model === null ? null : behaviourIn(model, { ...settings, requestsPerSecond });
  });
}
