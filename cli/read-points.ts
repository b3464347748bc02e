import type { ScalabilityPoint } from '../analysis/models/scalability/scalability-point.ts';
import { textOf } from '../scenarios/load-scenario-file.ts';
import { MisuseError } from '../scenarios/misuse.ts';
import { Reasons } from '../scenarios/reasons.ts';

const columns = ['concurrency', 'throughput'] as const;
const hint = 'a first line with the columns concurrency,throughput, then one stage a line, such as 8,1250.5';

/**
 * Stages from a CSV file with a header; the columns concurrency and throughput may stand anywhere, others are left alone.
 *
 * @throws MisuseError with one reason for each wrong line
 */
export async function readPoints(file: string): Promise<readonly ScalabilityPoint[]> {
  const reasons = new Reasons();
  const lines = (await textOf(file))
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((text, index) => ({ where: `${file}:${index + 1}`, cells: cellsOf(text), empty: text.trim() === '' }))
    .filter(({ empty }) => !empty);
  const [header, ...rows] = lines;
  if (header === undefined) reasons.add(file, 'holds nothing', hint);
  const places = columns.map((column) => header?.cells.findIndex((cell) => cell.toLowerCase() === column) ?? -1);
  if (header !== undefined && places.includes(-1)) {
    const missing = columns.filter((_, index) => places[index] === -1).join(' and no ');
    reasons.add(header.where, `the header "${header.cells.join(',')}" has no column ${missing}`, hint);
  }
  if (header !== undefined && rows.length === 0) reasons.add(file, 'holds a header only', hint);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  const points = rows.map(({ where, cells }): ScalabilityPoint => {
    const [concurrency = 1, throughput = 1] = columns.map((column, index) => {
      const text = cells[places[index] ?? -1] ?? '';
      const value = text === '' ? Number.NaN : Number(text);
      if (!Number.isFinite(value))
        reasons.add(where, `${column} "${text}" is not a number`, 'write a plain number: 1250.5');
      else if (value <= 0) reasons.add(where, `${column} ${text} is not above 0`, 'leave out stages that did nothing');
      return value;
    });
    return { concurrency, throughput };
  });
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return points;
}

function cellsOf(line: string): readonly string[] {
  return line.split(',').map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
}
