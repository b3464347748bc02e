/**
 * Quantities with their unit in the type. A branded number can be read as a number, but a plain number (or a number of
 * another unit) can't be passed where one is wanted: it has to come through a constructor of this file, which is also
 * the only place that knows a conversion factor. What is written to disk carries the unit in its key as well
 * (`durationMs: Milliseconds`).
 */
declare const unit: unique symbol;
type Quantity<Name extends string> = number & { readonly [unit]: Name };

/** A length of time in milliseconds. */
export type Milliseconds = Quantity<'ms'>;
/** A length of time in whole microseconds, the resolution of the latency histograms. */
export type Microseconds = Quantity<'us'>;
/** A point in time: milliseconds since 1970-01-01T00:00:00Z, fractions allowed. */
export type EpochMilliseconds = Quantity<'epoch-ms'>;
/** Events per second. */
export type PerSecond = Quantity<'1/s'>;
export type Bytes = Quantity<'B'>;
/** A share, 0 to 1 (may exceed 1 where a rate of use is meant, such as cores of one core). */
export type Ratio = Quantity<'ratio'>;

/* oxlint-disable typescript/no-unsafe-type-assertion -- the one file that makes branded numbers */
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
export const seconds = (value: number): Milliseconds => (value * 1000) as Milliseconds;
export const microsecondsOf = (duration: Milliseconds): Microseconds => Math.round(duration * 1000) as Microseconds;
export const millisecondsOf = (duration: Microseconds): Milliseconds => (duration / 1000) as Milliseconds;
export const microseconds = (value: number): Microseconds => Math.round(value) as Microseconds;
/** From nanoseconds, as pprof and /proc give them. */
export const nanoseconds = (value: number): Milliseconds => (value / 1e6) as Milliseconds;
export const inSeconds = (duration: Milliseconds): number => duration / 1000;
export const epochMilliseconds = (value: number): EpochMilliseconds => value as EpochMilliseconds;
/** The instant `duration` after `instant` (before it where negative). */
export const after = (instant: EpochMilliseconds, duration: Milliseconds): EpochMilliseconds =>
  (instant + duration) as EpochMilliseconds;
export const between = (from: EpochMilliseconds, to: EpochMilliseconds): Milliseconds => (to - from) as Milliseconds;
export const perSecond = (value: number): PerSecond => value as PerSecond;
/** How many events a duration holds at a rate. */
export const eventsIn = (rate: PerSecond, duration: Milliseconds): number => (rate * duration) / 1000;
/** The rate that gives `events` in `duration`; NaN never leaves: zero duration gives rate 0. */
export const rateOf = (events: number, duration: Milliseconds): PerSecond =>
  (duration > 0 ? (events * 1000) / duration : 0) as PerSecond;
export const bytes = (value: number): Bytes => value as Bytes;
export const kibibytes = (value: number): Bytes => (value * 1024) as Bytes;
export const mebibytes = (value: number): Bytes => (value * 1024 ** 2) as Bytes;
export const inMebibytes = (size: Bytes): number => size / 1024 ** 2;
export const inMegabytes = (size: Bytes): number => size / 1e6;
export const ratio = (value: number): Ratio => value as Ratio;
export const percent = (value: number): Ratio => (value / 100) as Ratio;
export const inPercent = (share: Ratio): number => share * 100;
/* oxlint-enable typescript/no-unsafe-type-assertion */

/**
 * The units of `go tool pprof`, by kind: the first is the one that factors are of, `whenUnknown` what it shows a value in
 * that is asked for in a unit of another kind. Names without their plural s.
 */
export const profileUnits = [
  {
    whenUnknown: 'B',
    units: [
      { name: 'B', aliases: ['b', 'byte'], factor: 1 },
      { name: 'kB', aliases: ['kb', 'kbyte', 'kilobyte'], factor: 1024 },
      { name: 'MB', aliases: ['mb', 'mbyte', 'megabyte'], factor: 1024 ** 2 },
      { name: 'GB', aliases: ['gb', 'gbyte', 'gigabyte'], factor: 1024 ** 3 },
      { name: 'TB', aliases: ['tb', 'tbyte', 'terabyte'], factor: 1024 ** 4 },
      { name: 'PB', aliases: ['pb', 'pbyte', 'petabyte'], factor: 1024 ** 5 },
    ],
  },
  {
    whenUnknown: 's',
    units: [
      { name: 'ns', aliases: ['ns', 'nanosecond'], factor: 1 },
      { name: 'us', aliases: ['us', 'microsecond'], factor: 1e3 },
      { name: 'ms', aliases: ['ms', 'millisecond'], factor: 1e6 },
      { name: 's', aliases: ['s', 'sec', 'second'], factor: 1e9 },
      { name: 'hrs', aliases: ['hour', 'hr'], factor: 3.6e12 },
    ],
  },
] as const;

/** Thrown by the parsers below; `hint` says what would have been accepted. */
export class UnitError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'UnitError';
    this.hint = hint;
  }
}

const number = String.raw`([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;

const durationUnits: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "30s", "5ms", "1m30s" → milliseconds. A bare number is refused: 30 what? */
export function parseDuration(text: string): Milliseconds {
  const hint = 'write a duration with its unit: 500ms, 30s, 5m, 1m30s';
  let rest = text.trim();
  let total = 0;
  if (rest === '') throw new UnitError('an empty duration', hint);
  while (rest !== '') {
    const match = new RegExp(`^${number}(us|µs|ms|s|m|h)`).exec(rest);
    if (match === null) throw new UnitError(`"${text}" is not a duration`, hint);
    const [whole, value = '', name = ''] = match;
    total += Number(value) * (durationUnits[name] ?? Number.NaN);
    rest = rest.slice(whole.length);
  }
  if (!Number.isFinite(total) || total < 0) throw new UnitError(`"${text}" is not a duration`, hint);
  return milliseconds(total);
}

/** "500/s", "500", "30/m" → per second; a bare number is per second. */
export function parseRate(text: string): PerSecond {
  const match = new RegExp(`^${number}\\s*(?:/\\s*(s|m|h))?$`).exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN);
  if (!Number.isFinite(value) || value < 0)
    throw new UnitError(`"${text}" is not a rate`, 'write a rate such as 500/s, 500 (per second) or 30/m');
  const per = match?.[2];
  return perSecond(value / (per === 'm' ? 60 : per === 'h' ? 3600 : 1));
}

const sizeUnits: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** "512MiB", "64kB" → bytes. kB, MB, GB are decimal, KiB, MiB, GiB binary; a bare number is refused. */
export function parseSize(text: string): Bytes {
  const match = new RegExp(`^${number}\\s*(B|kB|MB|GB|KiB|MiB|GiB|TiB)$`).exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN) * (sizeUnits[match?.[2] ?? ''] ?? Number.NaN);
  if (!Number.isFinite(value) || value < 0)
    throw new UnitError(`"${text}" is not a size`, 'write a size with its unit: 512MiB, 64KiB, 10MB');
  return bytes(Math.round(value));
}

/** "5%", "0.1%" → share. A bare number is refused: is 5 a share or per cent? */
export function parseShare(text: string): Ratio {
  const match = new RegExp(`^${number}\\s*%$`).exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN);
  if (!Number.isFinite(value))
    throw new UnitError(`"${text}" is not a percentage`, 'write a percentage with its sign: 5%, 0.1%');
  return percent(value);
}
