import { MisuseError } from '../scenarios/misuse.ts';
import { Reasons } from '../scenarios/reasons.ts';
import { csvLines, isHeader } from './csv-lines.ts';
import { parseNumber } from './parse-number.ts';

/**
 * A series from a file with one number a line, oldest first, a header line or not; an empty line is a gap (null).
 *
 * @throws MisuseError with one reason for each wrong line
 */
export function parseSeries(file: string, text: string): readonly (number | null)[] {
  const reasons = new Reasons();
  const lines = csvLines(file, text);
  const [first] = lines;
  const rows = first !== undefined && isHeader(first.cells) ? lines.slice(1) : lines;
  const series = rows.map(({ where, cells }) => {
    const [cell = ''] = cells;
    const value = cell === '' ? null : parseNumber(cell);
    if (cells.length > 1)
      reasons.add(where, `${cells.length} columns, but a series has one`, 'cut it out: cut -d, -f2 FILE.csv');
    else if (value === null && cell !== '')
      reasons.add(where, `"${cell}" is not a number`, 'write a plain number, or leave the line empty for a gap');
    return value;
  });
  if (reasons.list.length === 0 && series.every((value) => value === null))
    reasons.add(file, 'holds no number', 'one number a line, oldest first; an empty line is a gap');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return series;
}
