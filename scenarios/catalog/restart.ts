import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';
import { withEnvironment } from './with-environment.ts';

/** The warm-up is stage 0. */
const restartStage = 2;

/**
 * For a sign-off: the service ends and starts again under all of `peak`. It has a quarter of a minute, a level ramp, which
 * is not judged; after it everything has to be as before. Where plimsoll does not launch the service, it has to be
 * restarted by hand in that stage.
 */
export function restart(options: CatalogOptions): Scenario {
  const { peak, hold = '1m' } = options;
  const target = withEnvironment(options.target, { RESTART_AT_STAGE: String(restartStage) });
  return defineScenario({
    name: 'restart',
    ...commonSettings({ ...options, target }),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: '10s',
      stages: [
        { hold: peak, for: hold, name: 'before' },
        { ramp: [peak, peak], for: '15s', name: 'restart' },
        { hold: peak, for: hold, name: 'after' },
      ],
    },
    objectives: ['p99<200ms', 'errors<0.1%'],
  });
}
