import test from 'ava';
import { differenceOfProportions } from './difference-of-proportions.ts';

test("Newcombe's own examples, to the four digits that he prints", (t) => {
  // His table II, method 10: the first proportion minus the second.
  for (const [hits, trials, others, ofOthers, low, high] of [
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 10, 0.6075, 1],
  ] as const) {
    const seen = differenceOfProportions({ hits: others, trials: ofOthers }, { hits, trials }, 0.95);
    t.true(Math.abs((seen?.low ?? 9) - low) < 6e-5, `${hits}/${trials} low ${seen?.low}`);
    t.true(Math.abs((seen?.high ?? 9) - high) < 6e-5, `${hits}/${trials} high ${seen?.high}`);
  }
});

test('without trials there is no proportion', (t) => {
  t.is(differenceOfProportions({ hits: 0, trials: 0 }, { hits: 1, trials: 2 }, 0.95), null);
});
