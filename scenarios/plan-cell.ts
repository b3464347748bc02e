import type { Plan } from '../model/plan.ts';
import type { CellSettings, Factor } from '../model/sweep-figures.ts';
import { type Settings, fillSettings } from './target-settings.ts';

export interface CellWishes {
  readonly factors: readonly Pick<Factor, 'name' | 'kind'>[];
  readonly cell: CellSettings;
  /** Of the scenario, for what no factor sets. */
  readonly settings: Settings;
  readonly seed: number;
}

/**
 * The plan of one run of a cell: that of the scenario with the cell's values in the command and in the environment.
 *
 * @param plan its target is launched, and `{{name}}` is not yet filled in
 */
export function planCell(plan: Plan, { factors, cell, settings, seed }: CellWishes): Plan {
  const { target } = plan;
  if (target.kind !== 'launch') throw new TypeError('a sweep launches its target');
  const of = (kind: Factor['kind']): Settings =>
    Object.fromEntries(
      factors.flatMap(({ name, kind: its }) => (its === kind ? [[name, cell[name] ?? ''] as const] : [])),
    );
  const filled = { ...settings, ...of('setting') };
  const [program, ...words] = target.command;
  return {
    ...plan,
    seed,
    target: {
      ...target,
      command: [fillSettings(program, filled), ...words.map((word) => fillSettings(word, filled))],
      environment: {
        ...Object.fromEntries(
          Object.entries(target.environment).map(([name, value]) => [name, fillSettings(value, filled)]),
        ),
        ...of('environment'),
      },
    },
  };
}
