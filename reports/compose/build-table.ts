import type { Estimate } from '../../model/finding.ts';
import type { Cell, Column, Table } from '../document.ts';
import { type Scale, formatCount, formatIn, formatInterval, scaleFor, unknownText } from '../format-quantity.ts';

/** One column with its cells, so that a table is written column by column, each with one scale. */
export interface FilledColumn extends Column {
  readonly cells: readonly Cell[];
}

type Options = Pick<Column, 'leaves'>;

export function texts(title: string, cells: readonly Cell[], options: Options = {}): FilledColumn {
  return { title, align: 'left', cells, ...options };
}

export function counts(title: string, values: readonly (number | null)[], options: Options = {}): FilledColumn {
  return { title, align: 'decimal', cells: values.map((value) => muteUnknown(formatCount(value))), ...options };
}

/** Numbers of one unit in one scale, the unit in the title; columns that are read across are given their common scale. */
export function quantities(
  title: string,
  unit: string | Scale,
  values: readonly (number | null)[],
  options: Options = {},
): FilledColumn {
  const scale = typeof unit === 'string' ? scaleFor(unit, values) : unit;
  return {
    title: titled(title, scale),
    align: 'decimal',
    cells: values.map((value) => muteUnknown(formatIn(scale, value))),
    ...options,
  };
}

/** Upper ends of histogram buckets: the quantile is no higher, how much lower is not known. */
export function atMost(column: FilledColumn): FilledColumn {
  return {
    ...column,
    cells: column.cells.map((cell) => (plainText(cell) === unknownText ? cell : `≤ ${plainText(cell)}`)),
  };
}

/** Estimates in one scale, each with its interval beside it. */
export function estimates(
  title: string,
  unit: string | Scale,
  values: readonly (Estimate | null)[],
  options: Options = {},
): FilledColumn {
  const scale =
    typeof unit === 'string'
      ? scaleFor(
          unit,
          values.map((value) => value?.estimate ?? null),
        )
      : unit;
  return {
    title: titled(title, scale),
    align: 'decimal',
    cells: values.map((value) => estimate(scale, value)),
    ...options,
  };
}

export function estimate(scale: Scale, value: Estimate | null): Cell {
  if (value === null) return muteUnknown(unknownText);
  const text = formatIn(scale, value.estimate);
  return value.low === value.high ? text : { text, tone: 'normal', note: formatInterval(scale, value.low, value.high) };
}

export function titled(title: string, scale: Scale): string {
  return scale.symbol === '' ? title : `${title}, ${scale.symbol}`;
}

/** Columns in which nothing is known are left out: the text beside the table says why. */
export function withoutUnknown(columns: readonly FilledColumn[]): readonly FilledColumn[] {
  return columns.filter(({ cells }) => cells.some((cell) => plainText(cell) !== unknownText));
}

export function buildTable(
  caption: string,
  columns: readonly FilledColumn[],
  options: Pick<Table, 'folded' | 'brief'> = {},
): Table {
  const length = Math.max(0, ...columns.map(({ cells }) => cells.length));
  return {
    kind: 'table',
    caption,
    columns: columns.map(({ title, align, leaves }) => ({ title, align, ...(leaves === undefined ? {} : { leaves }) })),
    rows: Array.from({ length }, (_, row) => columns.map(({ cells }) => cells[row] ?? '')),
    ...options,
  };
}

/** Two columns: what, and how it is. */
export function buildList(
  caption: string,
  rows: readonly (readonly [string, Cell])[],
  options: Pick<Table, 'folded' | 'brief'> = {},
): Table {
  return buildTable(
    caption,
    [
      texts(
        '',
        rows.map(([name]) => name),
      ),
      texts(
        '',
        rows.map(([, value]) => value),
      ),
    ],
    options,
  );
}

/** Three columns: a figure, how it was measured to be, and a muted word on it. */
export function buildFigures(caption: string, rows: readonly (readonly [string, Cell, string])[]): Table {
  return buildTable(caption, [
    texts(
      'figure',
      rows.map(([name]) => name),
    ),
    {
      ...texts(
        'measured',
        rows.map(([, value]) => value),
      ),
      align: 'right',
    },
    texts(
      '',
      rows.map(([, , note]): Cell => ({ text: note, tone: 'muted' })),
    ),
  ]);
}

export function plainText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function muteUnknown(text: string): Cell {
  return text === unknownText ? { text, tone: 'muted' } : text;
}
