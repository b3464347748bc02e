import test from 'ava';
import { assert, date, property, string } from 'fast-check';
import { epochMilliseconds } from '../../model/units.ts';
import { runId, startOfRun } from './run-id.ts';

const instant = epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13, 0, 250));

test('start, name and chance', (t) => {
  t.is(runId('Group-Buy: Stair, 2×', instant, '0af3'), '20261121-091300-group-buy-stair-2-0af3');
  t.is(runId('..//..', instant, '0af3'), '20261121-091300-run-0af3');
  t.regex(runId('a', instant), /^20261121-091300-a-[0-9a-f]{4}$/);
});

test('any name gives an id that tells its second', (t) => {
  const times = date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  assert(
    property(string({ unit: 'binary' }), times, (name, at) => {
      const id = runId(name, epochMilliseconds(at.getTime()));
      t.is(startOfRun(id), epochMilliseconds(Math.floor(at.getTime() / 1000) * 1000));
      t.regex(id, /^[a-z0-9-]{1,70}$/);
    }),
    { seed: 3 },
  );
});

test('other names are no ids', (t) => {
  for (const name of [
    '',
    'history',
    '20261121',
    '20261121-091300-a-0AF3',
    '20261121-091300--0af3',
    '../20261121-091300-a-0af3',
  ])
    t.is(startOfRun(name), null, name);
});
