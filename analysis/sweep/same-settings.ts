import type { CellSettings } from '../../model/sweep-figures.ts';

/** Whether two cells are the same one, in whatever order their factors stand. */
export function sameSettings(one: CellSettings, other: CellSettings): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** "GOGC=50 pool=8" */
export const settingsText = (settings: CellSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
