import test, { type ExecutionContext } from 'ava';
import reference from '../../../fixtures/reference/queueing.json' with { type: 'json' };
import { seededRandom } from '../../../model/random.ts';
import { milliseconds, perSecond, rateOf, seconds } from '../../../model/units.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { type Distribution, sampler } from './distribution.ts';
import { mmc } from './mmc.ts';
import { mmck } from './mmck.ts';
import { type SimulatedQueue, plainQueue, simulateQueue } from './simulate-queue.ts';

interface Seen {
  readonly meanWait: number;
  readonly meanResponse: number;
  readonly waitBeyond: number;
  readonly responseBeyond: number;
  readonly blocked: number;
}

const service = milliseconds(1);
const queue = (servers: number, more: Partial<SimulatedQueue> = {}): SimulatedQueue => ({
  ...plainQueue,
  servers,
  serviceTime: service,
  ...more,
});

/** One run of so many arrivals, the first tenth left out; shares of those that took longer than `level`. */
function once(each: SimulatedQueue, offered: number, arrivals: number, level: number, seed: number): Seen {
  const rate = rateOf(offered, service);
  const duration = milliseconds(arrivals / offered);
  let count = 0;
  let waits = 0;
  let responses = 0;
  let lateWaits = 0;
  let lateResponses = 0;
  const { arrived, turnedAway } = simulateQueue(each, { rate, duration }, seededRandom(seed), (due, start, end) => {
    if (due < duration / 10) return;
    count++;
    waits += start - due;
    responses += end - due;
    if (start - due > level) lateWaits++;
    if (end - due > level) lateResponses++;
  });
  return {
    meanWait: waits / count,
    meanResponse: responses / count,
    waitBeyond: lateWaits / count,
    responseBeyond: lateResponses / count,
    blocked: turnedAway / arrived,
  };
}

/** Means over ten seeds with an interval that misses once in a thousand. */
function replicate(
  each: SimulatedQueue,
  offered: number,
  level = 2,
  arrivals = 100_000,
): Record<keyof Seen, { low: number; high: number }> {
  const runs = Array.from({ length: 10 }, (_, seed) => once(each, offered, arrivals, level, seed + 1));
  const interval = (key: keyof Seen): { low: number; high: number } => {
    const { mean, variance } = momentsOf(runs.map((seen) => seen[key]));
    const half = studentTQuantile(0.9995, 9) * Math.sqrt(variance / 10) + 1e-12;
    return { low: mean - half, high: mean + half };
  };
  return {
    meanWait: interval('meanWait'),
    meanResponse: interval('meanResponse'),
    waitBeyond: interval('waitBeyond'),
    responseBeyond: interval('responseBeyond'),
    blocked: interval('blocked'),
  };
}

function holds(t: ExecutionContext, { low, high }: { low: number; high: number }, truth: number, what: string): void {
  t.true(low <= truth && truth <= high, `${what}: ${truth} is not in ${low} to ${high}`);
  t.true(high - low < 0.35 * truth + 0.01, `${what}: ${low} to ${high} says nothing`);
}

test('M/M/c and M/M/c/K: the simulator finds what theory says', (t) => {
  for (const [servers, offered] of [
    [1, 0.5],
    [2, 1.6],
    [8, 6.8],
  ] as const) {
    const truth = mmc({ servers, arrivalRate: rateOf(offered, service), serviceTime: service });
    const seen = replicate(queue(servers), offered);
    holds(t, seen.meanWait, truth.meanWait, `${servers} servers, mean wait`);
    holds(t, seen.waitBeyond, truth.waitTail(milliseconds(2)), `${servers} servers, wait tail`);
    holds(t, seen.responseBeyond, truth.responseTail(milliseconds(2)), `${servers} servers, response tail`);
  }
  const limited = mmck({ servers: 4, arrivalRate: rateOf(5, service), serviceTime: service }, 10);
  const seen = replicate(queue(4, { limit: 10 }), 5);
  holds(t, seen.blocked, limited.probabilityBlocked ?? 0, 'M/M/4/10, blocked');
  holds(t, seen.meanWait, limited.meanWait, 'M/M/4/10, mean wait');
});

test('M/G/1: Pollaczek and Khinchine’s mean for every distribution', (t) => {
  const shapes: readonly (readonly [Distribution, number])[] = [
    [{ kind: 'constant' }, 0],
    [{ kind: 'lognormal', cv: 0.7 }, 0.7],
    [{ kind: 'gamma', cv: 0.5 }, 0.5],
    [{ kind: 'gamma', cv: 1.5 }, 1.5],
    [{ kind: 'hyperexponential', cv: 1.5 }, 1.5],
    [{ kind: 'measured', values: [1, 1, 4] }, Math.SQRT1_2],
  ];
  for (const [shape, cv] of shapes)
    holds(t, replicate(queue(1, { service: shape }), 0.7).meanWait, (0.7 * (1 + cv ** 2)) / 0.6, shape.kind);
});

test('ciw, an outside simulator, finds the same', (t) => {
  const same: Record<string, [SimulatedQueue, number]> = {
    'M/M/2, rho 0.8, first come first served': [queue(2), 1.6],
    'M/M/2, rho 0.8, random order': [queue(2, { order: 'random' }), 1.6],
    'M/M/2, rho 0.8, last come first served': [queue(2, { order: 'lifo' }), 1.6],
    'M/G/1, lognormal cv 2, rho 0.7': [queue(1, { service: { kind: 'lognormal', cv: 2 } }), 0.7],
    'M/D/4, rho 0.9': [queue(4, { service: { kind: 'constant' } }), 3.6],
    'G/G/4, gamma gaps cv 0.5, lognormal cv 0.7, rho 0.9': [
      queue(4, { service: { kind: 'lognormal', cv: 0.7 }, arrivals: { kind: 'gamma', cv: 0.5 } }),
      3.6,
    ],
    'M/G/8, lognormal cv 0.7, rho 0.9': [queue(8, { service: { kind: 'lognormal', cv: 0.7 } }), 7.2],
    'M/M/4/10, rho 1.25': [queue(4, { limit: 10 }), 5],
  };
  for (const { name, level, meanWait, waitBeyondLevel, blocked } of reference.simulated) {
    const [each, offered] = same[name] ?? [];
    if (each === undefined || offered === undefined) {
      t.fail(`nothing to compare ${name} with`);
      continue;
    }
    const seen = replicate(each, offered, level);
    const overlap = (one: { low: number; high: number }, other: { low: number; high: number }, what: string): boolean =>
      t.true(
        one.low <= other.high && other.low <= one.high,
        `${name}, ${what}: ${one.low} to ${one.high}, ciw ${other.low} to ${other.high}`,
      );
    overlap(seen.meanWait, meanWait, 'mean wait');
    overlap(seen.waitBeyond, waitBeyondLevel, 'wait tail');
    if (blocked !== undefined) overlap(seen.blocked, blocked, 'blocked');
  }
});

function meanSquareWait(order: SimulatedQueue['order']): number {
  let squares = 0;
  let count = 0;
  const load = { rate: perSecond(700), duration: seconds(1000) };
  simulateQueue(queue(1, { order }), load, seededRandom(3), (due, start) => {
    squares += (start - due) ** 2;
    count++;
  });
  return squares / count;
}

test('random order leaves the mean wait and stretches its tail: E[W²] grows by 2 / (2 − ρ)', (t) => {
  const ratio = meanSquareWait('random') / meanSquareWait('fifo');
  t.true(Math.abs(ratio - 2 / 1.3) < 0.1, String(ratio));
  t.true(meanSquareWait('lifo') / meanSquareWait('fifo') > ratio);
});

test('a stall makes everybody wait, those in service and those who come while it lasts', (t) => {
  const ends: number[] = [];
  const stalls = { meanGap: milliseconds(40), duration: milliseconds(10) };
  const each = queue(1, { service: { kind: 'constant' }, arrivals: { kind: 'constant' }, stalls });
  simulateQueue(each, { rate: perSecond(500), duration: seconds(60) }, seededRandom(5), (due, _start, end) =>
    ends.push(end - due),
  );
  t.true(Math.min(...ends) === 1);
  const late = ends.filter((response) => response > 1 + 1e-9);
  // Each stall of 10 ms catches those due in it and, at one job per ms and a gap of 2 ms, those due in the 8 to 10 ms after.
  const expected = (20 / 2) * (60_000 / 50);
  t.true(late.length > 0.75 * expected && late.length < 1.15 * expected, `${late.length} of about ${expected}`);
  t.true(Math.max(...late) >= 10 && Math.max(...late) < 100);
});

const slow = (inService: number): number => 1 + 0.5 * (inService - 1);

test('a service that starts beside others takes longer where it is said to', (t) => {
  const alone = once(queue(4), 0.01, 20_000, 2, 1).meanResponse;
  const beside = once(queue(4, { slowdown: slow }), 0.01, 20_000, 2, 1).meanResponse;
  const busy = once(queue(4, { slowdown: slow }), 1.5, 20_000, 2, 1).meanResponse;
  t.true(Math.abs(alone - 1) < 0.05 && Math.abs(beside - 1) < 0.05);
  t.true(busy > 1.4, String(busy));
});

test('every arrival is answered or turned away; the same seed gives the same run', (t) => {
  const each = queue(3, {
    limit: 5,
    order: 'random',
    service: { kind: 'lognormal', cv: 2 },
    stalls: { meanGap: milliseconds(100), duration: milliseconds(7) },
  });
  const runOf = (seed: number): { counts: object; ends: number[] } => {
    const ends: number[] = [];
    const counts = simulateQueue(
      each,
      { rate: perSecond(4000), duration: seconds(2) },
      seededRandom(seed),
      (_due, _start, end) => ends.push(end),
    );
    t.is(counts.arrived, counts.answered + counts.turnedAway);
    t.is(counts.answered, ends.length);
    t.true(ends.every((end, index) => index === 0 || end >= (ends[index - 1] ?? 0)));
    return { counts, ends };
  };
  t.deepEqual(runOf(1), runOf(1));
  t.notDeepEqual(runOf(1).ends, runOf(2).ends);
});

test('samples have mean 1 and the cv that was asked for', (t) => {
  for (const [shape, cv] of [
    [{ kind: 'exponential' }, 1],
    [{ kind: 'lognormal', cv: 0.7 }, 0.7],
    [{ kind: 'gamma', cv: 0.3 }, 0.3],
    [{ kind: 'gamma', cv: 2 }, 2],
    [{ kind: 'hyperexponential', cv: 2 }, 2],
    [{ kind: 'measured', values: [2, 6] }, 0.5],
  ] as const) {
    const draw = sampler(shape, seededRandom(9));
    const { mean, variance } = momentsOf(Array.from({ length: 200_000 }, draw));
    t.true(Math.abs(mean - 1) < 0.02, `${shape.kind} ${cv}: mean ${mean}`);
    t.true(Math.abs(Math.sqrt(variance) / mean - cv) < 0.04 * cv, `${shape.kind} ${cv}: ${Math.sqrt(variance)}`);
  }
});

function run(more: Partial<SimulatedQueue>, rate = 100): void {
  simulateQueue(
    { ...queue(2), ...more },
    { rate: perSecond(rate), duration: seconds(1) },
    seededRandom(1),
    () => undefined,
  );
}

test('what cannot be is refused', (t) => {
  const refused = { instanceOf: RangeError };
  t.throws(() => run({ servers: 0 }), refused);
  t.throws(() => run({ serviceTime: milliseconds(0) }), refused);
  t.throws(() => run({ limit: 1 }), refused);
  t.throws(() => run({}, 0), refused);
  t.throws(() => run({ stalls: { meanGap: milliseconds(0), duration: milliseconds(1) } }), refused);
  t.throws(() => run({ service: { kind: 'lognormal', cv: -1 } }), refused);
  t.throws(() => run({ service: { kind: 'hyperexponential', cv: 0.5 } }), refused);
  t.throws(() => run({ service: { kind: 'measured', values: [] } }), refused);
});
