import { groupDigits } from './group-digits.ts';
import { threeDigits } from './three-digits.ts';

/** A rate in a sentence, as reports write it elsewhere: "0.500/s", "656/s", "1,052/s". Of a finite rate. */
export function rateText(perSecond: number): string {
  return `${groupDigits(Number.isInteger(perSecond) ? String(perSecond) : threeDigits(perSecond))}/s`;
}
