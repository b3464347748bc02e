import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/**
 * The nightly shape: warm-up, a hundredth of `peak`, half of it, all of it, with ramps between (for a peak of 10,000/s
 * that is 100, 5,000, 10,000). Judged by the share of requests answered within 100 ms.
 */
export function nightly(options: CatalogOptions): Scenario {
  const { peak, hold = '1m' } = options;
  const [low, middle] = [peak / 100, peak / 2];
  return defineScenario({
    name: 'nightly',
    ...commonSettings(options),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: { rate: low, for: '10s' },
      stages: [
        { hold: low, for: hold, name: 'low' },
        { ramp: [low, middle], for: '10s' },
        { hold: middle, for: hold, name: 'middle' },
        { ramp: [middle, peak], for: '10s' },
        { hold: peak, for: hold, name: 'peak' },
      ],
    },
    objectives: ['within(100ms)>=95%', 'errors<0.1%'],
  });
}
