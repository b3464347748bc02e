import { groupDigits } from '../model/group-digits.ts';
import { threeDigits } from '../model/three-digits.ts';
import {
  type EpochMilliseconds,
  bytes,
  kibibytes,
  mebibytes,
  microseconds,
  milliseconds,
  millisecondsOf,
  nanoseconds,
  percent,
  seconds,
} from '../model/units.ts';

/**
 * The only place that scales and rounds numbers for people, so that every report shows the same figure: three
 * significant digits, the whole part never cut (1,398 stays 1,398), one scale for a whole row or column.
 */
export interface Scale {
  /** What stands behind the number: 'ms', 'MiB', '%', '/s'; '' for plain counts. */
  readonly symbol: string;
  /** One of `symbol` in the unit that the analysis uses. */
  readonly size: number;
  /** Whether all values are whole pieces (requests, goroutines): then none gets decimals. */
  readonly whole?: boolean;
}

const sizes: readonly Scale[] = [
  { symbol: 'B', size: bytes(1) },
  { symbol: 'KiB', size: kibibytes(1) },
  { symbol: 'MiB', size: mebibytes(1) },
  { symbol: 'GiB', size: mebibytes(kibibytes(1)) },
];

/** Scales of each unit that an analysis uses, in rising order. */
const ladders: Readonly<Record<string, readonly Scale[]>> = {
  ms: [
    { symbol: 'µs', size: millisecondsOf(microseconds(1)) },
    { symbol: 'ms', size: milliseconds(1) },
    { symbol: 's', size: seconds(1) },
  ],
  B: sizes,
  bytes: sizes,
  'B/s': sizes.map(({ symbol, size }) => ({ symbol: `${symbol}/s`, size })),
  'ms/s': [
    { symbol: 'ms/s', size: milliseconds(1) },
    { symbol: 's/s', size: seconds(1) },
  ],
  // As pprof names them.
  nanoseconds: [
    { symbol: 'ns', size: 1 },
    { symbol: 'µs', size: millisecondsOf(microseconds(1)) / nanoseconds(1) },
    { symbol: 'ms', size: milliseconds(1) / nanoseconds(1) },
    { symbol: 's', size: seconds(1) / nanoseconds(1) },
  ],
  ratio: [{ symbol: '%', size: percent(1) }],
  '1/s': [{ symbol: '/s', size: 1 }],
  '1/min': [{ symbol: '/min', size: 1 }],
  '1': [{ symbol: '', size: 1 }],
  count: [{ symbol: '', size: 1 }],
};

/**
 * The scale that suits the middle (geometric mean) of the values' range, so that neither end grows long. A unit without
 * scales of its own is shown as it is.
 */
export function scaleFor(unit: string, values: readonly (number | null)[]): Scale {
  const ladder = ladders[unit] ?? [{ symbol: unit, size: 1 }];
  const magnitudes = values
    .filter((value): value is number => value !== null && Number.isFinite(value) && value !== 0)
    .map(Math.abs)
    .toSorted((left, right) => left - right);
  const [lowest] = magnitudes;
  const highest = magnitudes.at(-1);
  const typical = lowest === undefined || highest === undefined ? undefined : Math.sqrt(lowest * highest);
  const [first] = ladder;
  if (first === undefined) throw new Error(`no scale for ${unit}`);
  // Nothing to go by: the unit's own scale, so that 0 ms does not read 0 µs.
  if (typical === undefined) return ladder.find(({ size }) => size === 1) ?? first;
  const scale = ladder.findLast(({ size }) => Number((typical / size).toPrecision(digits)) >= 1) ?? first;
  return { ...scale, whole: countable.has(scale.symbol) && magnitudes.every(Number.isInteger) };
}

const digits = 3;
/** What stands where there is no number. */
export const unknownText = '–';

/** The number alone, in a scale; the column's title or the axis says the unit. */
export function formatIn(scale: Scale, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return unknownText;
  const scaled = value / scale.size;
  if (scaled === 0 || (scale.whole === true && Number.isInteger(scaled))) return groupDigits(String(scaled));
  return groupDigits(scale.symbol === '%' ? shareDigits(scaled) : threeDigits(scaled));
}

/** What may come in whole pieces; 7 ms, which is never exactly that, is 7.00 ms. */
const countable: ReadonlySet<string> = new Set(['', '/s', '/min', 'B']);

/** Number and unit. Unknown, NaN and infinite are a dash. */
export function formatQuantity(value: number | null, unit: string): string {
  const scale = scaleFor(unit, [value]);
  const text = formatIn(scale, value);
  return text === unknownText ? text : withSymbol(text, scale.symbol);
}

/** A number that a person chose (a limit, a setting): no zeros that suggest it was measured. */
export function formatSetting(value: number | null, unit: string): string {
  if (value === null || !Number.isFinite(value)) return unknownText;
  const scale = scaleFor(unit, [value]);
  return withSymbol(groupDigits(String(Number((value / scale.size).toPrecision(10)))), scale.symbol);
}

/** "11.8–13.1": the interval's two ends in the scale of its estimate; an open end is said. */
export function formatInterval(scale: Scale, low: number | null, high: number | null): string {
  if (low === null && high === null) return unknownText;
  if (high === null || !Number.isFinite(high)) return `≥ ${formatIn(scale, low)}`;
  if (low === null || !Number.isFinite(low)) return `≤ ${formatIn(scale, high)}`;
  return `${formatIn(scale, low)}–${formatIn(scale, high)}`;
}

export function formatLatency(latency: number | null): string {
  return formatQuantity(latency, 'ms');
}

export function formatRate(perSecond: number | null): string {
  return formatQuantity(perSecond, '1/s');
}

export function formatPercent(share: number | null): string {
  return formatQuantity(share, 'ratio');
}

export function formatBytes(size: number | null): string {
  return formatQuantity(size, 'B');
}

/** Whole numbers in full with separators, others with three digits. */
export function formatCount(count: number | null): string {
  return formatQuantity(count, '1');
}

const second = seconds(1);
const minute = seconds(60);
const hour = 60 * minute;

/** A stretch of time as people say it: "250 ms", "45 s", "2 min 25 s", "1 h 5 min". */
export function formatDuration(duration: number): string {
  if (!Number.isFinite(duration)) return unknownText;
  if (Math.abs(duration) < second) return formatSetting(Math.round(duration), 'ms');
  const whole = Math.round(duration / second) * second;
  if (whole < minute) return formatSetting(Number((duration / second).toPrecision(digits)) * second, 'ms');
  const [large, small, names] = whole < hour ? [minute, second, ['min', 's']] : [hour, minute, ['h', 'min']];
  const larger = Math.floor(whole / large);
  const smaller = Math.floor((whole % large) / small);
  return smaller === 0 ? `${larger} ${names[0]}` : `${larger} ${names[0]} ${smaller} ${names[1]}`;
}

/** "2026-11-21 09:13:00 UTC": reports are read in other time zones than they were made in. */
export function formatInstant(instant: EpochMilliseconds): string {
  return Number.isFinite(instant)
    ? `${new Date(instant).toISOString().replace('T', ' ').slice(0, 19)} UTC`
    : unknownText;
}

/** Signs that stand close to their number. */
function withSymbol(text: string, symbol: string): string {
  if (symbol === '') return text;
  return symbol === '%' || symbol.startsWith('/') ? `${text}${symbol}` : `${text} ${symbol}`;
}

/** A share below 100 % never reads "100": 99.997 keeps as many nines as it has. */
function shareDigits(value: number): string {
  const text = threeDigits(Number(value.toPrecision(10)));
  if (Number(text) !== 100 || value >= 100) return text;
  for (let decimals = 1; decimals <= 4; decimals++) {
    const longer = value.toFixed(decimals);
    if (Number(longer) !== 100) return longer;
  }
  return '99.9999';
}
