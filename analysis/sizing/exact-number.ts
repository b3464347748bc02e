import { UnitError, eventsIn, parseDuration, parseRate, perSecond } from '../../model/units.ts';

/** A fraction of whole numbers, `under` above 0: sums that decide about a replica more or less must not round. */
export interface ExactNumber {
  readonly over: bigint;
  readonly under: bigint;
}

export const exactly = (whole: number): ExactNumber => ({ over: BigInt(whole), under: 1n });

/** Decimals as they were written: "0.9" is nine tenths, which no floating number is. */
export function parseExact(text: string): ExactNumber {
  const hint = 'write a decimal number such as 900 or 0.9';
  const match = /^\+?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text.trim());
  if (match === null) throw new UnitError(`"${text}" is not a number`, hint);
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const power = Number(exponent) - fraction.length;
  if (Math.abs(power) > largestPower) throw new UnitError(`"${text}" is out of range`, hint);
  const digits = BigInt(whole + fraction);
  return power >= 0 ? { over: digits * 10n ** BigInt(power), under: 1n } : reduced(digits, 10n ** BigInt(-power));
}

const largestPower = 40;

/** A rate as `parseRate` takes it, exactly: 100/m is five thirds of a request per second. */
export function parseExactRate(text: string): ExactNumber {
  parseRate(text);
  const [number = '', unit = 's'] = text.split('/').map((part) => part.trim());
  return dividedBy(parseExact(number), exactly(eventsIn(perSecond(1), parseDuration(`1${unit}`))));
}

export const times = (left: ExactNumber, right: ExactNumber): ExactNumber =>
  reduced(left.over * right.over, left.under * right.under);

/** @throws RangeError where `right` is 0 */
export const dividedBy = (left: ExactNumber, right: ExactNumber): ExactNumber =>
  reduced(left.over * right.under, left.under * right.over);

/** The smallest whole number that is not below a number from 0. */
export const roundedUp = ({ over, under }: ExactNumber): bigint => (over + under - 1n) / under;
export const roundedDown = ({ over, under }: ExactNumber): bigint => over / under;

/** To so many decimals, away from 0. */
export const roundedUpTo = ({ over, under }: ExactNumber, decimals: number): ExactNumber => {
  const scale = 10n ** BigInt(decimals);
  return reduced(roundedUp({ over: over * scale, under }), scale);
};

/** Below 0, 0 or above 0 as `left` is below, equal to or above `right`. */
export function compare(left: ExactNumber, right: ExactNumber): number {
  const difference = left.over * right.under - right.over * left.under;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const nearestFloat = ({ over, under }: ExactNumber): number => Number(over) / Number(under);

/** In full where it ends within that many decimals, else cut there, with `…`. */
export function exactText(value: ExactNumber, decimals = 4): string {
  const scaled = value.over * 10n ** BigInt(decimals);
  const digits = String(scaled / value.under).padStart(decimals + 1, '0');
  const ends = scaled % value.under === 0n;
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  const shown = ends ? fraction.replace(/0+$/, '') : `${fraction}…`;
  return shown === '' ? whole : `${whole}.${shown}`;
}

function reduced(over: bigint, under: bigint): ExactNumber {
  if (under === 0n) throw new RangeError('divided by 0');
  let [left, right] = [over, under];
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 0n ? { over: 0n, under: 1n } : { over: over / left, under: under / left };
}
