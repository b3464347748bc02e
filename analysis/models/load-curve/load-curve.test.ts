import test from 'ava';
import { seededRandom } from '../../../model/random.ts';
import { type FittedLoadCurve, fitLoadCurve } from './fit-load-curve.ts';
import { type CurvePoint, type LoadCurve, curveLoad, curveValue } from './load-curve.ts';
import { loadReaching, valueAt } from './predict-load-curve.ts';

const line: LoadCurve = { shape: 'linear', base: 0.02, scale: 0.000_7 };
const queue: LoadCurve = { shape: 'queue', base: 5, scale: 4, capacity: 1000, exponent: 1 };
const loads = [200, 300, 400, 500, 600, 700, 800];

/** With a normal scatter of that share. */
function seen(curve: LoadCurve, at: readonly number[], scatter: number, seed: number): CurvePoint[] {
  const random = seededRandom(seed);
  const normal = (): number => Math.sqrt(2 * random.exponential()) * Math.cos(2 * Math.PI * random.next());
  return at.map((load) => {
    const value = curveValue(curve, load);
    return { load, value: value * (1 + scatter * normal()), error: value * scatter };
  });
}

function fitted(...asked: Parameters<typeof fitLoadCurve>): FittedLoadCurve {
  const fit = fitLoadCurve(...asked);
  if (fit.status === 'refused') throw new Error(fit.reason);
  return fit;
}

test('a curve and its inverse agree', (t) => {
  for (const curve of [line, queue, { ...queue, exponent: 4 }])
    for (const load of [100, 250, 600, 990])
      t.true(Math.abs(curveLoad(curve, curveValue(curve, load)) - load) < 1e-6 * load);
  t.is(curveLoad(queue, 4), 0);
  t.is(curveLoad({ ...line, scale: 0 }, 4), Infinity);
  t.is(curveValue(queue, 1000), Infinity);
});

test('points without scatter give their curve back', (t) => {
  const straight = fitted(seen(line, loads, 0, 1), ['linear']).supported[0].curve;
  t.true(Math.abs(straight.base - line.base) < 1e-6 && Math.abs(straight.scale / line.scale - 1) < 1e-6);
  const bent = fitted(seen(queue, loads, 0, 1), ['queue']).supported[0].curve;
  if (bent.shape !== 'queue') throw new Error(bent.shape);
  t.true(Math.abs(bent.capacity - 1000) < 0.1, `${bent.capacity}`);
});

const holds = (estimate: { low: number | null; high: number | null } | null, truth: number): number =>
  estimate !== null && (estimate.low ?? 0) <= truth && (estimate.high ?? Infinity) >= truth ? 1 : 0;

test('intervals hold the truth about as often as they say: a value, and the load that reaches a limit', (t) => {
  const counted = { lineLoad: 0, queueLoad: 0, queueValue: 0 };
  for (let seed = 1; seed <= 60; seed++) {
    const straight = loadReaching(fitted(seen(line, loads, 0.04, seed), ['linear']), 0.6);
    counted.lineLoad += straight.status === 'within' ? holds(straight, curveLoad(line, 0.6)) : 0;
    const bent = fitted(seen(queue, loads, 0.06, seed), ['queue', 'queue-of-servers']);
    const reached = loadReaching(bent, 25);
    counted.queueLoad += reached.status === 'within' ? holds(reached, curveLoad(queue, 25)) : 1;
    counted.queueValue += holds(valueAt(bent, 750), curveValue(queue, 750));
  }
  for (const [name, count] of Object.entries(counted)) t.true(count >= 52, `${name}: ${count} of 60`);
});

const width = (fit: FittedLoadCurve): number => {
  const reached = loadReaching(fit, 0.6);
  return reached.status === 'within' ? (reached.high ?? Infinity) / (reached.low ?? 0) : Infinity;
};

test('more stages make the interval shorter', (t) => {
  const few = width(fitted(seen(line, [200, 500, 800], 0.05, 3), ['linear']));
  const many = width(fitted(seen(line, [...loads, ...loads, ...loads], 0.05, 3), ['linear']));
  t.true(many < 1 + (few - 1) / 2, `${few} and ${many}`);
});

test('nothing is said beyond 1.25 times the highest load', (t) => {
  const fit = fitted(seen(line, loads, 0.02, 5), ['linear']);
  t.not(valueAt(fit, 1000), null);
  t.is(valueAt(fit, 1001), null);
  t.like(loadReaching(fit, 2), { status: 'beyond', farthest: 1000 });
});

test('low loads leave the capacity open, and so the load at which a wait grows long', (t) => {
  const fit = fitted(seen(queue, [50, 100, 150, 200, 250], 0.1, 7), ['queue', 'queue-of-servers']);
  t.is(loadReaching(fit, 200).status, 'open');
  const far = loadReaching(fit, curveValue(queue, 320));
  t.true(far.status === 'open' || (far.status === 'within' && far.high === null), far.status);
});

test('what an overloaded stage completed bounds the capacity', (t) => {
  const points = seen(queue, [300, 400, 500, 600, 700], 0.1, 9);
  const reached = (most: number | null): number => {
    const found = loadReaching(fitted(points, ['queue'], most), 60);
    return found.status === 'within' ? (found.high ?? Infinity) : Infinity;
  };
  t.true(reached(800) < 800 * 1.031 && reached(800) < reached(null), `${reached(800)} and ${reached(null)}`);
});

test('refused: too few loads, however often repeated, and what is no number', (t) => {
  const twice = seen(queue, [200, 200, 400, 400], 0.1, 1);
  t.like(fitLoadCurve(twice, ['linear', 'queue']), { status: 'refused', reason: 'too-few-loads', loads: 2, needed: 3 });
  t.like(fitLoadCurve([], ['queue']), { status: 'refused', loads: 0 });
  for (const broken of [{ value: Number.NaN }, { value: -1 }, { load: 0 }, { error: Infinity }])
    t.like(
      fitLoadCurve(
        seen(line, loads, 0, 1).map((point, index) => (index === 2 ? { ...point, ...broken } : point)),
        ['linear'],
      ),
      { status: 'refused', reason: 'not-a-number' },
    );
});

test('noise without a trend is no curve: its interval is open or beyond', (t) => {
  const flat = loads.map((load, index) => ({ load, value: index % 2 === 0 ? 10 : 30, error: 1 }));
  const reached = loadReaching(fitted(flat, ['queue', 'queue-of-servers']), 40);
  t.not(reached.status === 'within' && reached.high !== null && reached.low !== null, true, JSON.stringify(reached));
});
