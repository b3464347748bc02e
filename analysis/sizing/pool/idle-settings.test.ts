import test from 'ava';
import { perSecond, seconds } from '../../../model/units.ts';
import { churnCauses, idleSettings } from './idle-settings.ts';
import type { PoolChurn } from './pool-churn.ts';

const stage = (more: Partial<PoolChurn> = {}): PoolChurn => ({
  stage: 1,
  name: '200/s',
  acquisitionsPerSecond: perSecond(200),
  maxIdleClosed: null,
  maxIdleTimeClosed: null,
  maxLifetimeClosed: null,
  opened: null,
  dialMs: null,
  ...more,
});
const counted = (rate: number) => ({ count: rate * 10, perSecond: perSecond(rate) });

test('as many idle as open; reconnects by the lifetime are few; slow dialling lengthens it', (t) => {
  const settings = idleSettings(18, []);
  t.is(settings.maxIdle, 18);
  t.is(settings.maxLifetime, seconds(1800));
  // 18 in 31.5 minutes on average.
  t.true(Math.abs(settings.reconnectsPerSecond - 18 / 1890) < 1e-9);
  t.is(idleSettings(18, [stage({ dialMs: 20 })]).maxLifetime, seconds(1800));
  t.is(idleSettings(18, [stage({ dialMs: 3000 })]).maxLifetime, seconds(3000));
});

test('a setting that closes connections under load is named with its worst stage', (t) => {
  const churn = [
    stage({ maxIdleClosed: counted(30), maxLifetimeClosed: counted(0) }),
    stage({
      name: '400/s',
      acquisitionsPerSecond: perSecond(400),
      maxIdleClosed: counted(100),
      maxLifetimeClosed: counted(1),
    }),
  ];
  t.deepEqual(churnCauses(churn), [{ setting: 'max-idle', stage: '400/s', perSecond: perSecond(100), share: 0.25 }]);
  t.deepEqual(churnCauses([stage({ maxIdleClosed: counted(1) })]), []);
  t.is(churnCauses([stage()]), null);
});
