import { inPercent, ratio } from '../model/units.ts';

/** "98.0 %", for sentences of the analysis. */
export function percentText(share: number): string {
  return `${inPercent(ratio(share)).toFixed(1)} %`;
}
