import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/**
 * Half of `peak` from the first second, without a warm-up: the first ten seconds against the minute after them. They are
 * a level ramp, because the beginning of a hold is cut off and would be just what is asked for here.
 */
export function coldStart(options: CatalogOptions): Scenario {
  const rate = options.peak / 2;
  return defineScenario({
    name: 'cold-start',
    ...commonSettings(options),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: '0s',
      stages: [
        { ramp: [rate, rate], for: '10s', name: 'cold' },
        { hold: rate, for: options.hold ?? '1m', name: 'settled' },
      ],
    },
    objectives: ['p99<200ms', 'errors<0.1%'],
  });
}
