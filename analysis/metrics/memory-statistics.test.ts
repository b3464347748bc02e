import { readFile } from 'node:fs/promises';
import test from 'ava';
import * as fc from 'fast-check';
import { epochMilliseconds, milliseconds } from '../../model/units.ts';
import { type ExpvarReading, readExpvar } from './expvar.ts';
import { type MemoryStatistics, stitchPauses } from './memory-statistics.ts';
import { readMemstatsText } from './memstats-text.ts';

const capture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/captures/${name}`, import.meta.url), 'utf8');

const ringSize = 256;
/** The ring of a process whose n-th collection paused it n µs, at second n. */
function after(cycles: number): MemoryStatistics {
  const pauseNanoseconds = Array.from({ length: ringSize }, () => 0);
  const pauseEnds = Array.from({ length: ringSize }, () => 0);
  for (let cycle = Math.max(1, cycles - ringSize + 1); cycle <= cycles; cycle++) {
    pauseNanoseconds[(cycle + 255) % ringSize] = cycle * 1e3;
    pauseEnds[(cycle + 255) % ringSize] = cycle * 1e9;
  }
  return { fields: new Map([['NumGC', cycles]]), pauseNanoseconds, pauseEnds };
}
const numbersOf = (readings: readonly MemoryStatistics[]): number[] =>
  stitchPauses(readings).pauses.map(({ durationMs }) => Math.round(durationMs * 1e3));
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

test('overlapping rings give every pause once, in order', (t) => {
  t.deepEqual(numbersOf([after(10), after(10), after(200), after(300), after(500)]), range(11, 500));
  t.deepEqual(numbersOf([after(0), after(3)]), [1, 2, 3]);
  t.deepEqual(numbersOf([after(7)]), []);
  t.deepEqual(stitchPauses([after(0), after(1)]).pauses, [
    { endedAt: epochMilliseconds(1000), durationMs: milliseconds(0.001) },
  ]);
});

test('more collections than the ring holds are counted as missed', (t) => {
  t.deepEqual(numbersOf([after(10), after(1000)]), range(745, 1000));
  t.is(stitchPauses([after(10), after(1000)]).missed, 734);
});

test('a smaller number of collections is another process', (t) => {
  t.deepEqual(numbersOf([after(40), after(50), after(2), after(4)]), [...range(41, 50), 1, 2, 3, 4]);
});

test('however it is read, the pauses found and missed are all there were', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(600), { minLength: 1, maxLength: 8 }), (steps) => {
      let cycles = 0;
      const { pauses, missed } = stitchPauses([after(0), ...steps.map((step) => after((cycles += step)))]);
      t.is(pauses.length + missed, cycles);
    }),
    { seed: 20_261_121 },
  );
});

const odd = (cycles: number): MemoryStatistics => ({ ...after(1), fields: new Map([['NumGC', cycles]]) });

test('nonsense in NumGC does not hang', (t) => {
  for (const cycles of [1e300, -1, 0.5, Number.NaN, Infinity]) t.deepEqual(numbersOf([after(0), odd(cycles)]), []);
});

function understood(body: string): ExpvarReading {
  const reading = readExpvar(body);
  if (typeof reading === 'string') throw new TypeError(reading);
  return reading;
}

test('expvar of a real service', async (t) => {
  const reading = understood(await capture('expvar.json'));
  t.is(reading.command?.[0], '/app/metrics-target');
  t.is(reading.memory?.fields.get('TotalAlloc'), 395_035_224);
  t.is(reading.memory?.fields.get('PauseNs'), undefined);
  t.is(reading.memory?.pauseNanoseconds.length, 256);
  t.is(reading.memory?.pauseEnds.length, 256);
});

test('other variables are found by their path', (t) => {
  const reading = understood(
    '{"orders":{"open":3,"by":{"drink":{"milk tea":2}}},"rate":0.5,"name":"x","list":[1],"none":null}',
  );
  t.deepEqual(
    [...reading.numbers],
    [
      ['orders.open', 3],
      ['orders.by.drink.milk tea', 2],
      ['rate', 0.5],
    ],
  );
  t.is(reading.memory, null);
  t.is(reading.command, null);
});

test('what is not expvar says so', (t) => {
  t.is(readExpvar('<html>'), 'an HTML page instead of JSON');
  t.throws(() => understood('{"memstats":'), { message: /^not JSON: / });
  t.is(readExpvar('[1]'), 'JSON, but no object');
  t.is(readExpvar('null'), 'JSON, but no object');
});

test('the tail of heap?debug=1 holds the same as expvar', async (t) => {
  const memory = readMemstatsText(await capture('heap-debug1.txt'));
  if (memory === null) throw new Error('no tail');
  const { fields, pauseNanoseconds, pauseEnds } = memory;
  t.is(fields.get('TotalAlloc'), 395_108_856);
  t.is(fields.get('StackInuse'), 851_968);
  t.is(fields.get('MSpanSys'), 114_240);
  t.is(fields.get('NumGC'), 171);
  t.is(fields.get('GCCPUFraction'), 0.006571461102175509);
  t.is(fields.get('MaxRSS'), 20_754_432);
  t.is(fields.get('DebugGC'), undefined);
  t.is(pauseNanoseconds.length, 256);
  t.is(pauseEnds.length, 256);
  const expvar = understood(await capture('expvar.json'));
  t.deepEqual(pauseNanoseconds, [...(expvar.memory?.pauseNanoseconds ?? [])]);
  for (const name of fields.keys()) if (name !== 'MaxRSS') t.true(expvar.memory?.fields.has(name), name);
});

test('another text has no such tail', async (t) => {
  t.is(readMemstatsText(await capture('goroutine-loaded-debug1.txt')), null);
  t.is(readMemstatsText(''), null);
});

test('damaged texts and JSON neither throw nor hang', async (t) => {
  const [json, text] = await Promise.all([capture('expvar.json'), capture('heap-debug1.txt')]);
  const tail = text.slice(text.indexOf('# runtime.MemStats'));
  fc.assert(
    fc.property(fc.nat(), fc.nat(20), fc.string({ unit: 'binary', maxLength: 20 }), (at, remove, insert) => {
      for (const whole of [json, tail]) {
        const place = at % whole.length;
        const damaged = whole.slice(0, place) + insert + whole.slice(place + remove);
        const memory = whole === json ? readExpvar(damaged) : readMemstatsText(damaged);
        t.deepEqual(whole === json ? readExpvar(damaged) : readMemstatsText(damaged), memory);
        if (memory !== null && typeof memory !== 'string' && 'pauseEnds' in memory)
          t.true(stitchPauses([after(0), memory]).pauses.length <= memory.pauseNanoseconds.length);
      }
    }),
    { seed: 20_261_121, numRuns: 200 },
  );
});
