import test from 'ava';
import nist from '../../fixtures/reference/nist-nonlinear.json' with { type: 'json' };
import { relativeError } from '../../fixtures/relative-error.ts';
import { boundedLeastSquares } from './bounded-least-squares.ts';
import type { LeastSquaresProblem } from './least-squares-problem.ts';

/** Value and derivatives at x. */
type Curve = (b: readonly number[], x: number) => readonly [value: number, ...gradient: number[]];

/** (b1 + b2 x + …) / (1 + bk x + …), so many coefficients above. */
function rational(above: number): Curve {
  return (b, x) => {
    const top = b.slice(0, above).reduce((sum, value, power) => sum + value * x ** power, 0);
    const bottom = b.slice(above).reduce((sum, value, power) => sum + value * x ** (power + 1), 1);
    return [
      top / bottom,
      ...b.map((_, index) => (index < above ? x ** index / bottom : (-top * x ** (index - above + 1)) / bottom ** 2)),
    ];
  };
}

/** The models of NIST's problems as published. */
const curves: Record<string, Curve> = {
  Misra1a: ([b1 = 0, b2 = 0], x) => [b1 * (1 - Math.exp(-b2 * x)), 1 - Math.exp(-b2 * x), b1 * x * Math.exp(-b2 * x)],
  Misra1b: ([b1 = 0, b2 = 0], x) => {
    const base = 1 + (b2 * x) / 2;
    return [b1 * (1 - base ** -2), 1 - base ** -2, b1 * x * base ** -3];
  },
  Misra1c: ([b1 = 0, b2 = 0], x) => {
    const base = 1 + 2 * b2 * x;
    return [b1 * (1 - base ** -0.5), 1 - base ** -0.5, b1 * x * base ** -1.5];
  },
  Misra1d: ([b1 = 0, b2 = 0], x) => {
    const base = 1 + b2 * x;
    return [(b1 * b2 * x) / base, (b2 * x) / base, (b1 * x) / base ** 2];
  },
  Chwirut2: ([b1 = 0, b2 = 0, b3 = 0], x) => {
    const value = Math.exp(-b1 * x) / (b2 + b3 * x);
    return [value, -x * value, -value / (b2 + b3 * x), (-x * value) / (b2 + b3 * x)];
  },
  DanWood: ([b1 = 0, b2 = 0], x) => [b1 * x ** b2, x ** b2, b1 * x ** b2 * Math.log(x)],
  MGH09: ([b1 = 0, b2 = 0, b3 = 0, b4 = 0], x) => {
    const top = x ** 2 + x * b2;
    const bottom = x ** 2 + x * b3 + b4;
    return [
      (b1 * top) / bottom,
      top / bottom,
      (b1 * x) / bottom,
      (-b1 * top * x) / bottom ** 2,
      (-b1 * top) / bottom ** 2,
    ];
  },
  MGH10: ([b1 = 0, b2 = 0, b3 = 0], x) => {
    const power = Math.exp(b2 / (x + b3));
    return [b1 * power, power, (b1 * power) / (x + b3), (-b1 * power * b2) / (x + b3) ** 2];
  },
  MGH17: ([b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0], x) => {
    const [first, second] = [Math.exp(-x * b4), Math.exp(-x * b5)];
    return [b1 + b2 * first + b3 * second, 1, first, second, -x * b2 * first, -x * b3 * second];
  },
  Rat42: ([b1 = 0, b2 = 0, b3 = 0], x) => {
    const power = Math.exp(b2 - b3 * x);
    const share = 1 / (1 + power);
    return [b1 * share, share, -b1 * share ** 2 * power, b1 * share ** 2 * power * x];
  },
  Rat43: ([b1 = 0, b2 = 0, b3 = 0, b4 = 1], x) => {
    const power = Math.exp(b2 - b3 * x);
    const share = (1 + power) ** (-1 / b4);
    const inner = (-b1 * share * power) / (b4 * (1 + power));
    return [b1 * share, share, inner, -inner * x, (b1 * share * Math.log1p(power)) / b4 ** 2];
  },
  Eckerle4: ([b1 = 0, b2 = 1, b3 = 0], x) => {
    const distance = (x - b3) / b2;
    const bell = Math.exp(-0.5 * distance ** 2) / b2;
    return [b1 * bell, bell, (b1 * bell * (distance ** 2 - 1)) / b2, (b1 * bell * distance) / b2];
  },
  Thurber: rational(4),
  Roszman1: ([b1 = 0, b2 = 0, b3 = 0, b4 = 0], x) => {
    const away = x - b4;
    const circle = Math.PI * (away ** 2 + b3 ** 2);
    return [b1 - b2 * x - Math.atan(b3 / away) / Math.PI, 1, -x, -away / circle, -b3 / circle];
  },
  Lanczos3: (b, x) => {
    const [b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0] = b;
    const [one, two, three] = [Math.exp(-b2 * x), Math.exp(-b4 * x), Math.exp(-b6 * x)];
    return [b1 * one + b3 * two + b5 * three, one, -x * b1 * one, two, -x * b3 * two, three, -x * b5 * three];
  },
};
curves['BoxBOD'] = curves['Misra1a'] ?? rational(1);

function problemOf(
  curve: Curve,
  x: readonly number[],
  y: readonly number[],
  bounds: Partial<LeastSquaresProblem> = {},
): LeastSquaresProblem {
  return {
    observed: Float64Array.from(y),
    lower: [],
    upper: [],
    evaluate: (parameters, values, gradients) => {
      for (const [row, at] of x.entries()) {
        const [value, ...gradient] = curve([...parameters], at);
        values[row] = value;
        for (const [column, slope] of gradient.entries()) (gradients[column] ?? values)[row] = slope;
      }
    },
    ...bounds,
  };
}

/** From here the first step leads to where the curve is flat and nothing leads back; the certificate has to say so. */
const trap = 'BoxBOD 1';

for (const { name, x, y, starts, ...certified } of nist.cases) {
  test(`NIST ${name}: parameters, standard errors and sum of squares as certified, from each start`, (t) => {
    const curve = curves[name];
    if (curve === undefined) {
      t.fail('no such model');
      return;
    }
    for (const [index, start] of starts.entries()) {
      const fit = boundedLeastSquares(problemOf(curve, x, y), [start]);
      if (`${name} ${index + 1}` === trap) {
        t.false(fit.certificate.converged);
        continue;
      }
      const worst = Math.max(
        ...fit.parameters.map((value, place) => relativeError(value, certified.parameters[place] ?? 0)),
      );
      const worstError = Math.max(
        ...fit.standardErrors.map((value, place) => relativeError(value ?? 0, certified.standardErrors[place] ?? 0)),
      );
      t.true(fit.certificate.converged);
      t.true(worst < 1e-7);
      t.true(worstError < 1e-7);
      t.true(relativeError(fit.sumOfSquares, certified.sumOfSquares) < 1e-9);
      t.true(relativeError(fit.residualStandardError ?? 0, certified.residualStandardError) < 1e-9);
      t.is(fit.degreesOfFreedom, certified.degreesOfFreedom);
    }
  });
}

const line: Curve = ([a = 0, b = 0], x) => [a + b * x, 1, x];
const twice: Curve = ([a = 0, b = 0], at) => [(a + b) * at, at, at];
const x = [1, 2, 3, 4];

test('of several starts the best counts, and how many agree is said', (t) => {
  const { x: at, y, starts, parameters } = nist.cases.find(({ name }) => name === 'BoxBOD') ?? nist.cases[0]!;
  const fit = boundedLeastSquares(problemOf(curves['BoxBOD'] ?? line, at, y), starts);
  t.true(relativeError(fit.parameters[0] ?? 0, parameters[0] ?? 0) < 1e-7);
  t.like(fit.certificate, { converged: true, starts: 2, agreeing: 1 });
});

test('a bound holds: the others are fitted with it, and it has no standard error', (t) => {
  // Without the bound the slope is −1; with it at 0 the best height is the mean.
  const fit = boundedLeastSquares(problemOf(line, x, [4, 3, 2, 1], { lower: [-Infinity, 0] }), [[1, 1]]);
  t.true(relativeError(fit.parameters[0] ?? 0, 2.5) < 1e-12);
  t.is(fit.parameters[1], 0);
  t.deepEqual(fit.free, [true, false]);
  t.is(fit.standardErrors[1], null);
  // s² = 5 / 2, over 4 values.
  t.true(relativeError(fit.standardErrors[0] ?? 0, Math.sqrt(2.5 / 4)) < 1e-12);
  t.true(fit.certificate.converged);
  const start = boundedLeastSquares(problemOf(line, x, [4, 3, 2, 1], { upper: [2, Infinity] }), [[9, 9]]);
  t.is(start.parameters[0], 2);
});

test('what the observations do not determine has no standard error; an exact curve has converged', (t) => {
  t.deepEqual(boundedLeastSquares(problemOf(twice, x, [1, 2, 3, 5]), [[1, 1]]).standardErrors, [null, null]);
  const exact = boundedLeastSquares(problemOf(line, x, [3, 5, 7, 9]), [[0, 0]]);
  t.true(exact.certificate.converged);
  t.true(exact.sumOfSquares < 1e-20);
  const tight = boundedLeastSquares(problemOf(line, [1, 2], [3, 5]), [[0, 0]]);
  t.is(tight.residualStandardError, null);
  t.deepEqual(tight.standardErrors, [null, null]);
});

test('no start, no fit', (t) => {
  t.throws(() => boundedLeastSquares(problemOf(line, x, x), []), { instanceOf: RangeError });
});
