/** A rate in a sentence: "1234/s"; four digits are enough there. */
export function rateText(perSecond: number): string {
  return `${Number(perSecond.toPrecision(4))}/s`;
}
