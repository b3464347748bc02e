import { UnitError } from '../model/units.ts';

/** A number that is known exactly (all three the same), or only to lie between two ends. */
export interface InputRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/**
 * "10ms", or the two ends of what it may be: "8ms..12ms", its middle halfway.
 *
 * @param parse one end; throws UnitError
 * @throws UnitError
 */
export function parseRange(text: string, parse: (text: string) => number): InputRange {
  const [low = '', high = low, ...more] = text.split('..');
  if (more.length > 0)
    throw new UnitError(`"${text}" is no range`, 'write its two ends: LOW..HIGH, each with its unit');
  const ends = { low: parse(low), high: parse(high) };
  if (ends.low > ends.high) throw new UnitError(`"${text}": its ends are the wrong way round`, `write ${high}..${low}`);
  return { ...ends, middle: ends.low === ends.high ? ends.low : (ends.low + ends.high) / 2 };
}
