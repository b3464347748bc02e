import test from 'ava';
import { seededRandom } from '../../model/random.ts';
import { boundedLeastSquares } from './bounded-least-squares.ts';
import { type LinearTerm, boundedLinearLeastSquares } from './bounded-linear-least-squares.ts';

test('the same minimum as the general solver, whichever bounds hold', (t) => {
  const random = seededRandom(3);
  let atBound = 0;
  for (let trial = 0; trial < 40; trial++) {
    const rows = 4 + random.below(8);
    const column = (): number[] => Array.from({ length: rows }, () => random.next() * 2 - 0.5);
    const terms: LinearTerm[] = [
      { values: Array.from({ length: rows }, () => 1), lower: 0, upper: Infinity },
      { values: column(), lower: 0, upper: 0.5 },
      { values: column(), lower: -Infinity, upper: Infinity },
    ];
    const observed = column();
    const weights = Array.from({ length: rows }, () => 0.2 + random.next());
    const fit = boundedLinearLeastSquares(observed, terms, weights);
    const general = boundedLeastSquares(
      {
        observed: Float64Array.from(observed, (value, row) => value * (weights[row] ?? 0)),
        lower: [0, 0, -Infinity],
        upper: [Infinity, 0.5, Infinity],
        evaluate: (parameters, values, gradients) => {
          for (const row of values.keys()) {
            const parts = terms.map((term) => (term.values[row] ?? 0) * (weights[row] ?? 0));
            values[row] = parts.reduce((sum, part, index) => sum + part * (parameters[index] ?? 0), 0);
            for (const [index, gradient] of gradients.entries()) gradient[row] = parts[index] ?? 0;
          }
        },
      },
      [[0.2, 0.2, 0]],
    );
    t.true(Math.abs((fit?.sumOfSquares ?? NaN) - general.sumOfSquares) < 1e-9, `trial ${trial}`);
    for (const [index, value] of (fit?.coefficients ?? []).entries())
      t.true(Math.abs(value - (general.parameters[index] ?? NaN)) < 1e-4, `trial ${trial}, ${index}`);
    if (fit?.coefficients.some((value, index) => value === [0, 0][index] || value === 0.5) === true) atBound++;
  }
  t.true(atBound > 5, `${atBound}: the bounds were hardly tried`);
});

test('nothing where the observations do not determine it', (t) => {
  const ones = { values: [1, 1, 1], lower: -Infinity, upper: Infinity };
  t.is(boundedLinearLeastSquares([1, 2, 3], [ones, { ...ones, values: [2, 2, 2] }], [1, 1, 1]), null);
  t.is(boundedLinearLeastSquares([1], [ones, ones], [1]), null);
  t.is(boundedLinearLeastSquares([1, NaN, 3], [ones], [1, 1, 1]), null);
  t.is(boundedLinearLeastSquares([1, 2, 3], [ones], [1, Infinity, 1]), null);
  t.deepEqual(boundedLinearLeastSquares([1, 2, 3], [ones], [1, 1, 1])?.coefficients.map(Math.round), [2]);
});
