import { inPercent, ratio } from '../../model/units.ts';

/** "0.05 %", "12.3 %": three digits, since a limit on errors may be small. */
export const shareText = (share: number): string => `${Number(inPercent(ratio(share)).toPrecision(3))} %`;
