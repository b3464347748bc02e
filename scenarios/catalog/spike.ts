import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/** For a sign-off: within two seconds from a third of `peak` to all of it, and back; it is judged before, in and after it. */
export function spike(options: CatalogOptions): Scenario {
  const { peak, hold = '1m' } = options;
  const usual = peak / 3;
  return defineScenario({
    name: 'spike',
    ...commonSettings(options),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: '10s',
      stages: [
        { hold: usual, for: hold, name: 'before' },
        { ramp: [usual, peak], for: '2s' },
        { hold: peak, for: hold, name: 'spike' },
        { ramp: [peak, usual], for: '2s' },
        { hold: usual, for: hold, name: 'after' },
      ],
    },
    objectives: ['p99<200ms', 'errors<0.1%'],
  });
}
