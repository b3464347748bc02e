import { MisuseError, misuse } from '../scenarios/misuse.ts';
import { Reasons } from '../scenarios/reasons.ts';
import { type CsvLine, csvLines, isHeader } from './csv-lines.ts';
import { parseNumber } from './parse-number.ts';

/** One arm of a comparison: the values of its runs by metric. */
export interface Samples {
  /** Without one there is a single column, which is called `value`. */
  readonly hasHeader: boolean;
  readonly metrics: ReadonlyMap<string, readonly number[]>;
  /** Metric → number of runs that have no value of it. */
  readonly missing: ReadonlyMap<string, number>;
}

const hint = 'one run a line: a number, or with a header line one number for each metric';

/** Nobody makes so many runs; a file of so many lines holds requests, which are no repetitions. */
const mostRuns = 2_000;

/**
 * Runs from a CSV file: one run a line, empty lines left out, an empty cell is a run without a value of that metric.
 *
 * @throws MisuseError with one reason for each wrong line
 */
export function parseSamples(file: string, text: string): Samples {
  const reasons = new Reasons();
  const lines = csvLines(file, text).filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [first] = lines;
  const header = first !== undefined && isHeader(first.cells) ? first : null;
  const rows = header === null ? lines : lines.slice(1);
  const names = header?.cells ?? ['value'];
  if (header !== null) checkNames(header, reasons);
  if (rows.length === 0) reasons.add(file, header === null ? 'holds nothing' : 'holds a header only', hint);
  if (rows.length > mostRuns)
    throw misuse(
      file,
      `${rows.length} lines: more than ${mostRuns} runs are not compared`,
      'one line is one run, not one request: take a figure of each run, such as its p99',
    );
  const columns = names.map((): number[] => []);
  for (const { where, cells } of rows) {
    if (cells.length > names.length && header === null) {
      reasons.add(
        where,
        `${cells.length} columns without a header line`,
        'begin with the names of the metrics: p99,cpu',
      );
      continue;
    }
    if (cells.length !== names.length)
      reasons.add(
        where,
        `${cells.length} cells, but the header has ${names.length}`,
        'leave the cell of a missing value empty',
      );
    for (const [column, values] of columns.entries()) {
      const value = valueOf(where, cells[column] ?? '', reasons);
      if (value !== null) values.push(value);
    }
  }
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return {
    hasHeader: header !== null,
    metrics: new Map(names.map((name, column) => [name, columns[column] ?? []])),
    missing: new Map(names.map((name, column) => [name, rows.length - (columns[column]?.length ?? 0)])),
  };
}

function checkNames({ where, cells }: CsvLine, reasons: Reasons): void {
  if (cells.includes('')) reasons.add(where, 'a column has no name', 'name every metric in the header line');
  const twice = cells.find((name, index) => name !== '' && cells.indexOf(name) !== index);
  if (twice !== undefined)
    reasons.add(where, `two columns are called "${twice}"`, 'give each metric a name of its own');
}

function valueOf(where: string, cell: string, reasons: Reasons): number | null {
  if (cell === '') return null;
  const value = parseNumber(cell);
  if (value === null) reasons.add(where, `"${cell}" is not a number`, 'write a plain number: 12.5');
  else if (value < 0) reasons.add(where, `${cell} is below 0`, 'a ratio needs values of at least 0');
  return value;
}
