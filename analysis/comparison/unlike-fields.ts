import type { Fields, RunSample } from './run-sample.ts';

/** Something that is not the same in all runs that are to be compared. */
export interface UnlikeField {
  readonly field: string;
  /** Value (null: not known) and the runs that have it, the most frequent first. */
  readonly values: readonly { readonly value: string | null; readonly runs: readonly string[] }[];
}

/**
 * In what runs differ besides the build. What is known of some and not of others counts as different: nothing says that
 * it is the same.
 *
 * @param allowed fields that may differ, since that is what is compared
 */
export function unlikeFields(runs: readonly RunSample[], allowed: readonly string[] = []): readonly UnlikeField[] {
  const all = runs.map((run): readonly [string, Fields] => [run.id, comparedFields(run)]);
  const names = [...new Set(all.flatMap(([, fields]) => Object.keys(fields)))];
  return names
    .filter((name) => !allowed.includes(name))
    .flatMap((field): readonly UnlikeField[] => {
      const groups = Map.groupBy(all, ([, fields]) => fields[field] ?? null);
      if (groups.size < 2) return [];
      const values = [...groups].map(([value, of]) => ({ value, runs: of.map(([id]) => id) }));
      return [{ field, values: values.toSorted((left, right) => right.runs.length - left.runs.length) }];
    });
}

/** All fields that have to be alike. */
export const comparedFields = ({ environment, settings, scenario }: RunSample): Fields => ({
  ...scenario,
  ...environment,
  ...settings,
});

/** "gogc is 100 in a, b and not known in c". */
export function sayUnlike({ field, values }: UnlikeField): string {
  const same = commonStart(values.flatMap(({ value }) => value ?? []));
  const said = values.map(({ value, runs }) => `${shown(value, same)} in ${runs.join(', ')}`);
  return `${field} is ${said.join(' and ')}`;
}

const longestShown = 60;
/** What stands before the first difference of long texts. */
const lead = 20;

function shown(value: string | null, same: number): string {
  if (value === null) return 'not known';
  if (value === '') return 'empty';
  if (value.length <= longestShown) return value;
  const from = Math.max(0, same - lead);
  const part = value.slice(from, from + longestShown);
  return `${from === 0 ? '' : '…'}${part}${from + longestShown < value.length ? '…' : ''}`;
}

/** How many characters all texts begin with. */
function commonStart([first = '', ...others]: readonly string[]): number {
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && first[same] === other[same]) same++;
    length = same;
  }
  return length;
}
