import { UnitError } from '../model/units.ts';

/** A coefficient of variation: standard deviation / mean. @throws UnitError outside of 0 to `largest` */
export function parseVariation(text: string, largest: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= largest))
    throw new UnitError(`"${text}" is no coefficient of variation`, `standard deviation / mean, from 0 to ${largest}`);
  return value;
}
