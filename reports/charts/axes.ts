import { formatIn, formatSetting, scaleFor } from '../format-quantity.ts';

/** `scale` and `axis` of a Vega-Lite position channel. Ticks and their labels are chosen here, never by Vega. */
export interface Axis {
  readonly scale: { readonly type: 'linear' | 'log'; readonly domain: readonly [number, number]; readonly nice: false };
  readonly axis: { readonly title: string; readonly values: readonly number[]; readonly labelExpr: string };
}

/** A share read between two clocks may be a little above the whole; the axis still ends near 100 %. */
const slightlyAbove = 1.1;

/** From 0 (or the lowest value below it) to a round number above the highest, one unit for all ticks. */
export function linearAxis(title: string, unit: string, values: readonly number[], ticks = 5): Axis {
  const highest = Math.max(0, ...finite(values));
  const lowest = Math.min(0, ...finite(values));
  const scale = scaleFor(unit, [Math.max(highest, -lowest)]);
  // Round in the unit that is shown: 50 MiB, not 50,000,000 B.
  const step = roundStep((highest - lowest || scale.size) / ticks / scale.size) * scale.size;
  const from = Math.floor(lowest / step);
  const top = unit === 'ratio' && highest > 1 && highest < slightlyAbove ? 1 : highest;
  const to = Math.max(1, Math.ceil((top / step) * (1 - 1e-9)));
  // Rounded, since 3 × 0.1 is not 0.3.
  const at = Array.from({ length: to - from + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)));
  const label = (value: number): string => withoutZeros(formatIn(scale, value));
  return {
    scale: { type: 'linear', domain: [at[0] ?? 0, Math.max(at.at(-1) ?? 1, highest)], nice: false },
    axis: {
      title: [title, scale.symbol].filter((part) => part !== '').join(', '),
      values: at,
      labelExpr: labelsOf(at, label),
    },
  };
}

/** Decades, with 2 and 5 between them where there are few; each label with its own unit. */
export function logAxis(title: string, unit: string, values: readonly number[]): Axis {
  const positive = finite(values).filter((value) => value > 0);
  const lowest = Math.min(...positive);
  const highest = Math.max(...positive);
  if (positive.length === 0) return linearAxis(title, unit, values);
  const first = Math.floor(Math.log10(lowest));
  const last = Math.ceil(Math.log10(highest));
  const between = last - first <= 3 ? [1, 2, 5] : [1];
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap((decade) =>
    between.map((factor) => Number((factor * 10 ** decade).toPrecision(12))),
  );
  const below = all.findLast((tick) => tick <= lowest) ?? lowest;
  const above = all.find((tick) => tick >= highest) ?? highest;
  const at = all.filter((tick) => tick >= below && tick <= above);
  return {
    scale: { type: 'log', domain: [below, above === below ? above * 10 : above], nice: false },
    axis: { title, values: at, labelExpr: labelsOf(at, (value) => formatSetting(value, unit)) },
  };
}

/** A log axis where the values span more than this. */
const wide = 30;

export function spansDecades(values: readonly number[]): boolean {
  const positive = finite(values).filter((value) => value > 0);
  return positive.length > 0 && Math.max(...positive) / Math.min(...positive) > wide;
}

export function latencyAxis(title: string, values: readonly number[]): Axis {
  return spansDecades(values) ? logAxis(title, 'ms', values) : linearAxis(title, 'ms', values);
}

/** 1, 2 or 5 times a power of ten, not below `raw`. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10) * power;
}

/** A Vega expression that looks a tick's label up. Only our own numbers and labels go into it. */
function labelsOf(ticks: readonly number[], label: (value: number) => string): string {
  return `(${JSON.stringify(Object.fromEntries(ticks.map((tick) => [String(tick), label(tick)])))})[datum.value]`;
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function finite(values: readonly number[]): number[] {
  return values.filter(Number.isFinite);
}
