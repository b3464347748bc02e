import test from 'ava';
import type { OpenLoadProfile } from '../../../model/load-profile.ts';
import { milliseconds, perSecond, seconds } from '../../../model/units.ts';
import { sparing, wakeUpsFor } from './wake-ups.ts';

const rising = (...rates: readonly number[]): OpenLoadProfile => ({
  kind: 'open',
  arrivals: 'even',
  stages: rates.map((rate, index) => ({
    name: `${rate}/s`,
    kind: 'ramp',
    startPerSecond: perSecond(rates[index - 1] ?? 0),
    endPerSecond: perSecond(rate),
    durationMs: seconds(10),
  })),
});

test('the highest rate of the plan decides for all of its stages', (t) => {
  const each = { shortestMs: milliseconds(1), onFreeConnection: true };
  const half = { shortestMs: milliseconds(2), onFreeConnection: false };
  t.deepEqual(wakeUpsFor(rising(100, sparing.from - 1)), each);
  t.deepEqual(wakeUpsFor(rising(100, sparing.from, 100)), half);
  t.deepEqual(wakeUpsFor(rising(100, sparing.below - 1)), half);
  t.deepEqual(wakeUpsFor(rising(sparing.from, sparing.below, sparing.from)), each);
});

test('closed users are never kept waiting', (t) => {
  const users = { kind: 'closed', thinkTimeMs: milliseconds(0) } as const;
  const stages = [{ name: 'many', kind: 'hold', users: 10_000, durationMs: seconds(10) }] as const;
  t.deepEqual(wakeUpsFor({ ...users, stages }), { shortestMs: milliseconds(1), onFreeConnection: true });
});
