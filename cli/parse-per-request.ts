import { UnitError } from '../model/units.ts';

/**
 * How often a request does something, on average, as it was typed.
 *
 * @param what is done, in the plural
 * @throws UnitError
 */
export function parsePerRequest(text: string, what: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new UnitError(`"${text}" is not a number above 0`, `${what} per request, on average: 3 or 1.5`);
  return value;
}
