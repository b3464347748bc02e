import test from 'ava';
import { milliseconds, perSecond, seconds } from '../../../model/units.ts';
import { callTimeout, defaultIdleTime, idleTime } from './client-settings.ts';

test('an idle connection ends before the server ends it, with a round trip between, and never beyond the default', (t) => {
  const fast = milliseconds(20);
  t.is(idleTime(seconds(75), fast, 10)?.idleTime, seconds(67.5));
  t.is(idleTime(seconds(3600), fast, 9)?.idleTime, defaultIdleTime);
  t.is(idleTime(seconds(3600), fast, 9)?.reconnectsPerSecond, perSecond(0.1));
  t.is(idleTime(seconds(1), milliseconds(400), 1)?.idleTime, milliseconds(600));
  t.is(idleTime(seconds(1), seconds(1), 1), null);
});

test('a call is given up when all but a thousandth were answered, or when nobody waits any more', (t) => {
  const wait = { limit: milliseconds(5), share: 0.01 };
  t.like(callTimeout(wait, milliseconds(300), null), { timeout: 305, cutShare: 0.011, by: 'calls' });
  t.like(callTimeout(wait, milliseconds(300), milliseconds(400)), { timeout: 305, by: 'calls' });
  t.like(callTimeout(wait, milliseconds(300), milliseconds(200)), { timeout: 200, cutShare: null, by: 'deadline' });
  t.like(callTimeout(wait, null, milliseconds(200)), { timeout: 200, cutShare: null, by: 'deadline' });
  t.is(callTimeout(wait, null, null), null);
});
