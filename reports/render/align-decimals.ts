/** A number as reports write it, perhaps with a sign of judgement before it. */
const numeric = /^([✓✗?] )?[−\d,]+(\.(\d+))?$/;

/**
 * Pads the numbers of a column on the right so that their decimal points stand under one another: 3 digits everywhere,
 * and still easy to compare. Other texts stay. `point` and `digit` are blanks as wide as a point and a digit.
 */
export function alignDecimals(
  texts: readonly string[],
  { point, digit }: { readonly point: string; readonly digit: string },
): string[] {
  const decimals = texts.map((text) => numeric.exec(text)?.[3]?.length ?? 0);
  const most = Math.max(0, ...decimals);
  return texts.map((text, index) => {
    const own = decimals[index] ?? 0;
    if (most === 0 || !numeric.test(text)) return text;
    return `${text}${own === 0 ? point : ''}${digit.repeat(most - own)}`;
  });
}
