import test from 'ava';
import { UnitError, milliseconds, perSecond } from '../model/units.ts';
import { Reasons } from '../scenarios/reasons.ts';
import { type WaitingFlags, parseWaitObjective, readWaiting } from './waiting-flags.ts';

test('an objective for a wait: limit and share', (t) => {
  t.deepEqual(parseWaitObjective('p99<5ms'), { limit: milliseconds(5), share: 0.01 });
  t.deepEqual(parseWaitObjective('p99.9 <= 1s'), { limit: milliseconds(1000), share: 0.001 });
  t.deepEqual(parseWaitObjective('p50<1ms'), { limit: milliseconds(1), share: 0.5 });
  t.deepEqual(parseWaitObjective('within(20ms)>=95%'), { limit: milliseconds(20), share: 0.05 });
});

test('what is no objective for a wait is refused with what would be one', (t) => {
  for (const text of [
    undefined,
    '',
    '5ms',
    'p99<5',
    'p99>5ms',
    'p0<5ms',
    'errors<1%',
    'orders:p99<5ms',
    'p99<0ms',
    'within(5ms)>=100%',
    'within(5ms)>=0%',
  ]) {
    const error = t.throws(() => parseWaitObjective(text), { instanceOf: UnitError }, text);
    t.not(error?.hint, '', text);
  }
});

const flags: WaitingFlags = {
  arrivalRate: '500/s',
  time: '10ms',
  timeFlag: '--hold-time',
  timeCv: '1',
  arrivalCv: '1',
  waitObjective: 'p99<5ms',
  order: 'fifo',
  perArrival: 3,
};
const reasonsOf = (more: Partial<WaitingFlags>): readonly string[] => {
  const reasons = new Reasons();
  readWaiting({ ...flags, ...more }, reasons);
  for (const { hint } of reasons.list) if (hint === '') throw new Error('a reason without a hint');
  return reasons.list.map(({ where, message }) => `${where}: ${message}`);
};

test('exact numbers are one load, ranges are three', (t) => {
  const reasons = new Reasons();
  const exact = readWaiting(flags, reasons);
  t.is(exact.lightest, exact.load);
  t.is(exact.heaviest, exact.load);
  t.deepEqual(exact.load, {
    arrivalRate: perSecond(1500),
    serviceTime: milliseconds(10),
    serviceCv: 1,
    arrivalCv: 1,
    order: 'fifo',
  });
  const range = readWaiting({ ...flags, time: '8ms..12ms', arrivalRate: '400/s..500/s', timeCv: '0.5..2' }, reasons);
  t.deepEqual(reasons.list, []);
  const loads = [range.lightest, range.load, range.heaviest];
  t.deepEqual(
    loads.map(({ serviceTime }) => Number(serviceTime)),
    [8, 10, 12],
  );
  t.deepEqual(
    loads.map(({ arrivalRate }) => Number(arrivalRate)),
    [1200, 1350, 1500],
  );
  t.deepEqual(
    loads.map(({ serviceCv }) => serviceCv),
    [0.5, 1.25, 2],
  );
});

test('all that is wrong, at once', (t) => {
  t.deepEqual(reasonsOf({ arrivalRate: undefined, time: undefined, waitObjective: undefined }), [
    '--arrival-rate: is missing',
    '--hold-time: is missing',
    '--wait-objective: is missing',
  ]);
  t.deepEqual(reasonsOf({ arrivalRate: '0', time: '12ms..8ms', timeCv: '-1', arrivalCv: 'x' }), [
    '--arrival-rate: "0" is not above 0',
    '--hold-time: "12ms..8ms": its ends are the wrong way round',
    '--hold-cv: "-1" is no coefficient of variation',
    '--arrival-cv: "x" is no coefficient of variation',
  ]);
  t.deepEqual(reasonsOf({ time: '8..12ms' }), ['--hold-time: "8" is not a duration']);
  t.regex(reasonsOf({ arrivalRate: '1000000/s', time: '1s' })[0] ?? '', /no more than 100000/);
});
