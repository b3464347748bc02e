import { inPercent, ratio } from '../model/units.ts';

/** Not quite all is not rounded up to all. */
const mostOfAll = 99.9;

/** "98 %", "97.4 %": for sentences of the analysis. */
export function percentText(share: number): string {
  const rounded = Number(inPercent(ratio(share)).toFixed(1));
  return `${share < 1 ? Math.min(mostOfAll, rounded) : rounded} %`;
}
