import type { FunctionCosts } from '../analysis/profiles/top-functions.ts';
import { profileUnits } from '../model/units.ts';

/** The table of `go tool pprof -top` from "Showing nodes" on, letter by letter. */
export function profileTopText(costs: FunctionCosts, { unit, nodeFraction }: TextOptions): readonly string[] {
  const { functions, total } = costs;
  const shownUnit = unit === 'minimum' ? unitOfAll(costs) : unit;
  const text = (value: number): string => valueText(value, costs.unit, shownUnit);
  const shown = functions.reduce((sum, { flat }) => sum + flat, 0);
  let sum = 0;
  return [
    `Showing nodes accounting for ${text(shown)}, ${percentText(shown, total).trim()} of ${text(total)} total`,
    ...omissions(costs, text(Math.abs(Math.trunc(total * nodeFraction)))),
    `${'flat'.padStart(10)} ${'flat'.padStart(5)}% ${'sum'.padStart(5)}% ${'cum'.padStart(10)} ${'cum'.padStart(5)}%`,
    ...functions.map(({ function: name, flat, cumulative, inlined }) => {
      sum += flat;
      const [flatShare, sumShare, share] = [flat, sum, cumulative].map((value) => percentText(value, total));
      const mark = inlined === undefined ? '' : inlined === 'all' ? ' (inline)' : ' (partial-inline)';
      return `${text(flat).padStart(10)} ${flatShare} ${sumShare} ${text(cumulative).padStart(10)} ${share}  ${name}${mark}`;
    }),
  ];
}

export interface TextOptions {
  /** `minimum`: one that suits all values; `auto`: one for each value; or a unit, such as ms. */
  readonly unit: string;
  readonly nodeFraction: number;
}

function omissions({ total, dropped, listed, functions }: FunctionCosts, cutoff: string): readonly string[] {
  if (total === 0) return [];
  return [
    ...(dropped > 0 ? [`Dropped ${dropped} node${dropped > 1 ? 's' : ''} (cum <= ${cutoff})`] : []),
    ...(functions.length > 0 && functions.length < listed
      ? [`Showing top ${functions.length} nodes out of ${listed}`]
      : []),
  ];
}

/** Whether a table can be asked for in it. */
export const isProfileUnit = (unit: string): boolean =>
  plainUnits.has(unit) || profileUnits.some(({ units }) => unitNamed(units, unit) !== undefined);

type ProfileUnit = (typeof profileUnits)[number]['units'][number];

function unitNamed(units: readonly ProfileUnit[], name: string): ProfileUnit | undefined {
  const lower = name.toLowerCase();
  const singular = lower.length > 2 ? lower.replace(/s$/, '') : lower;
  return units.find(({ aliases }) => aliases.some((alias) => alias === singular));
}

interface Scaled {
  readonly value: number;
  /** Empty where pprof leaves it out. */
  readonly unit: string;
}

const plainUnits = new Set(['count', 'sample', 'unit', 'minimum', 'auto']);

function scaled(value: number, from: string, to: string): Scaled {
  if (value < 0) {
    const { value: positive, unit } = scaled(-value, from, to);
    return { value: -positive, unit };
  }
  for (const { units, whenUnknown } of profileUnits) {
    const own = unitNamed(units, from);
    if (own === undefined) continue;
    const base = value * own.factor;
    const isChosen = to === 'minimum' || to === 'auto';
    const fitting = isChosen ? units.findLast(({ factor }) => base / factor >= 1) : unitNamed(units, to);
    const wanted = fitting ?? unitNamed(units, whenUnknown) ?? own;
    return { value: base / wanted.factor, unit: wanted.name };
  }
  return { value, unit: plainUnits.has(to) ? '' : to };
}

function valueText(value: number, from: string, to: string): string {
  const { value: number, unit } = scaled(value, from, to);
  const text = rounded(number, 2).replace(/\.00$/, '');
  return text === '0' || text === '-0' ? '0' : `${text}${unit}`;
}

/** One unit for all: that of the smallest value, unless the largest is of another and more than 100 times as large. */
function unitOfAll({ functions, total, unit }: FunctionCosts): string {
  if (functions.length === 0) return 'minimum';
  const sizes = functions
    .map(({ flat, cumulative }) => Math.abs(flat === 0 ? cumulative : flat))
    .filter((size) => size > 0);
  const smallest = sizes.reduce((least, size) => Math.min(least, size), sizes[0] ?? total);
  const unitFor = (value: number): string => scaled(value, unit, 'minimum').unit;
  const apart = unitFor(smallest) !== unitFor(total) && smallest * 100 < total;
  const chosen = unitFor(apart ? smallest * 100 : smallest);
  return chosen === '' ? unit : chosen;
}

/** As Go's `%5.2f%%`, below 1 % `%5.2g%%`. */
function percentText(value: number, total: number): string {
  const percent = total === 0 ? 0 : Math.abs(value / total) * 100;
  if (percent >= 99.95 && percent <= 100.05) return '  100%';
  return `${(percent >= 1 ? rounded(percent, 2) : twoDigits(percent)).padStart(5)}%`;
}

function twoDigits(value: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(value));
  const digits = rounded(value, Math.min(100, 1 - exponent));
  const number = Number(digits);
  if (number >= 1e-4) return String(number);
  return number.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/** Of two numbers that are equally near Go takes the even one, JavaScript the larger one. */
function rounded(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  // Only a number of so many binary places can lie in the middle.
  const isMiddle = Math.abs(value * 2 ** (decimals + 1)) % 2 === 1;
  if (!isMiddle || Number(text.at(-1)) % 2 === 0) return text;
  const even = Math.abs(Number(text)) - 10 ** -decimals;
  return (Math.sign(value) * even).toFixed(decimals);
}
