import test from 'ava';
import { runRecordFormat } from '../../model/run-record.ts';
import { type Upgrade, upgradeFrom, upgrades } from './upgrades.ts';

const steps: readonly Upgrade[] = [
  { from: 1, summary: ({ old, ...rest }) => ({ ...rest, renamed: old }) },
  { from: 2, summary: (data) => ({ ...data, added: 0 }), trafficLine: (text) => text.toUpperCase() },
];

test('steps follow one another up to the present version', (t) => {
  const upgrade = upgradeFrom(1, 3, steps);
  t.deepEqual(upgrade?.summary({ formatVersion: 1, old: 'x' }), { formatVersion: 3, renamed: 'x', added: 0 });
  t.is(upgrade?.trafficLine('line'), 'LINE');
  t.deepEqual(upgrade?.scrape({ a: 1 }), { a: 1 });
  t.deepEqual(upgradeFrom(2, 3, steps)?.summary({ old: 'x' }), { old: 'x', added: 0, formatVersion: 3 });
});

test('nothing to do, and a step that is missing', (t) => {
  t.deepEqual(upgradeFrom(3, 3, steps)?.summary({ a: 1 }), { a: 1, formatVersion: 3 });
  t.is(upgradeFrom(0, 3, steps), null);
});

test('there is a step for every version that ever was', (t) => {
  t.deepEqual(
    upgrades.map(({ from }) => from),
    Array.from({ length: runRecordFormat - 1 }, (_, index) => index + 1),
  );
});
