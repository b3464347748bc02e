import { UnitError } from '../model/units.ts';

/**
 * A whole number as it was typed.
 *
 * @throws UnitError for anything else, and outside `least` to `most`
 */
export function parseCount(text: string, least: number, most = 1_000_000): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UnitError(
      `"${text}" is not a whole number from ${least} to ${most}`,
      `write one such as ${Math.max(least, 3)}`,
    );
  return value;
}
