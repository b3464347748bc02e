const digits = 3;

/** Three significant digits, the whole part never cut: 0.123, 12.3, 1234. Of a finite number. */
export function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(digits));
  const before = Math.floor(Math.log10(Math.abs(rounded))) + 1;
  // Below a millionth nothing is left to see.
  return value.toFixed(Math.min(6, Math.max(0, digits - before)));
}
