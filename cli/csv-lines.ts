/** One line of a file of plain numbers. */
export interface CsvLine {
  /** `base.csv:3` */
  readonly where: string;
  /** Without blanks and quotes around them; one empty cell for an empty line. */
  readonly cells: readonly string[];
}

/** The lines of a CSV of numbers, without its byte order mark; what follows the last line break is no line if it is empty. */
export function csvLines(file: string, text: string): readonly CsvLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => ({ where: `${file}:${index + 1}`, cells: line.split(',').map(bareCell) }));
}

const bareCell = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();

/** A first line is a header if one of its cells begins with a letter: `12ms` is a wrong number, and so are `NaN` and `inf`. */
export function isHeader(cells: readonly string[]): boolean {
  return cells.some((cell) => /^[\p{L}_]/u.test(cell) && !/^(?:nan|inf|infinity)$/i.test(cell));
}
