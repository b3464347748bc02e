import { restartableRandom, streamSeed } from '../../model/random.ts';

/** One of several for each iteration, as often as its weight says; the same for the same seed. */
export function chooseByWeight<Choice>(
  choices: readonly { readonly weight: number; readonly choice: (iteration: number) => Choice }[],
  seed: number,
): (iteration: number) => Choice {
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return only.choice;
  const sums: number[] = [];
  let total = 0;
  for (const { weight } of choices) sums.push((total += weight));
  const { random, restart } = restartableRandom();
  return (iteration) => {
    restart(streamSeed(seed, iteration));
    const point = random.next() * total;
    const chosen = choices[sums.findIndex((sum) => point < sum)] ?? choices.at(-1);
    if (chosen === undefined) throw new Error('no endpoint');
    return chosen.choice(iteration);
  };
}
