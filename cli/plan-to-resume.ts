import { resolve } from 'node:path';
import { mapStrings, referredVariable } from '../runners/store/secrets.ts';
import type { StoredSeries } from '../runners/store/series-folder.ts';
import { misuse } from '../scenarios/misuse.ts';
import type { PlannedRun } from './plan-from-arguments.ts';

type ToResume = Pick<PlannedRun, 'plan' | 'secrets' | 'k6Binary'>;

/**
 * How to go on with a series of runs: by what is on disk, and by what is written nowhere, which has to be given again.
 *
 * @param word "search" or "sweep"
 * @param given the command once more, and whether it asks for the same as when the series began; null: `--resume` alone
 * @throws MisuseError
 */
export function planToResume(
  word: string,
  { id, plan, planIsCut }: Pick<StoredSeries<unknown>, 'id' | 'plan' | 'planIsCut'>,
  given: { readonly planned: ToResume; readonly same: boolean } | null,
  k6Binary: string | undefined,
): ToResume {
  if (given !== null) {
    if (!given.same) throw misuse('--resume', `${id} was begun with another scenario or other flags`, 'leave them out');
    return given.planned;
  }
  if (planIsCut)
    throw misuse(
      '--resume',
      `the ${word} needs something secret, which plimsoll writes nowhere`,
      'give the whole command again, with --resume added',
    );
  const missing = new Set<string>();
  mapStrings(plan, (text) => {
    const name = referredVariable(text);
    if (name !== null && (process.env[name] ?? '') === '') missing.add(name);
    return text;
  });
  if (missing.size > 0)
    throw misuse(
      '--resume',
      `the ${word} needs ${[...missing].join(', ')}, which plimsoll writes nowhere`,
      'give the whole command again, with --resume added, or set the variable',
    );
  return { plan, secrets: {}, k6Binary: k6Binary === undefined ? null : resolve(k6Binary) };
}
