import { z } from 'zod';
import { type Misuse, MisuseError, misuse } from './misuse.ts';

type Row = Readonly<Record<string, string>>;

const hint = 'a .csv file with a header line, or a .json file with a list of objects';
const jsonRows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));

/** Rows for `{{column}}` from the text of a .csv (RFC 4180) or .json file. @throws MisuseError, a reason for each row */
export function parseDataRows(fileName: string, text: string): readonly Row[] {
  const rows = fileName.toLowerCase().endsWith('.json') ? fromJson(fileName, text) : fromCsv(fileName, text);
  if (rows.length === 0) throw misuse(fileName, 'has no rows', hint);
  return rows;
}

function fromJson(fileName: string, text: string): readonly Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw misuse(fileName, `is not JSON${error instanceof Error ? `: ${error.message}` : ''}`, hint);
  }
  const parsed = jsonRows.safeParse(value);
  if (parsed.success)
    return parsed.data.map((row) => Object.fromEntries(Object.entries(row).map(([key, item]) => [key, String(item)])));
  throw severalFaults(
    fileName,
    parsed.error.issues.map(({ path: [index, key] }) => ({
      where: index === undefined ? fileName : `${fileName}[${String(index)}]`,
      message:
        index === undefined
          ? 'is not a list of objects'
          : key === undefined
            ? 'is not an object'
            : `"${String(key)}" is neither text, number nor true or false`,
      hint,
    })),
  );
}

function fromCsv(fileName: string, text: string): readonly Row[] {
  const [header, ...records] = csvRecords(fileName, text.replace(/^\uFEFF/, ''));
  if (header === undefined) throw misuse(fileName, 'is empty', hint);
  const names = header.fields;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw misuse(`${fileName}:${header.line}`, `two columns are called "${twice}"`, hint);
  const faults = records
    .filter(({ fields }) => fields.length !== names.length)
    .map(({ fields, line }) => ({
      where: `${fileName}:${line}`,
      message: `${count(fields.length, 'field')}, but the header has ${names.length}`,
      hint: 'quote fields that hold a comma or a line break: "a, b"',
    }));
  if (faults.length > 0) throw severalFaults(fileName, faults);
  return records.map(({ fields }) => Object.fromEntries(names.map((name, column) => [name, fields[column] ?? ''])));
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** A file with the wrong separator is wrong in every row; these are enough to see it. */
const mostShown = 20;

function severalFaults(fileName: string, faults: readonly Misuse[]): MisuseError {
  const more = faults.length - mostShown;
  if (more <= 0) return new MisuseError(faults);
  const rest = { where: fileName, message: `and ${more} rows more`, hint: 'mend the first ones and look again' };
  return new MisuseError([...faults.slice(0, mostShown), rest]);
}

interface CsvRecord {
  readonly fields: readonly string[];
  /** Of its first character, from 1. */
  readonly line: number;
}

/** Fields in double quotes may hold commas, line breaks and doubled quotes; empty lines are left out. */
function csvRecords(fileName: string, text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const lineOf = lineNumbers(text);
  let startsAt = 0;
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      const start = at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote === -1) throw misuse(`${fileName}:${lineOf(start)}`, 'a quote is never closed', hint);
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at++;
      }
    } else {
      const end = nextOf(text, at);
      field = text.slice(at, end);
      at = end;
    }
    record.push(field);
    if (text[at] === ',') {
      at++;
      if (at < text.length && !/[\r\n]/.test(text[at] ?? '')) continue;
      record.push('');
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    else if (at < text.length && text[at - 1] !== '\r')
      throw misuse(`${fileName}:${lineOf(at)}`, 'there is text after a closing quote', hint);
    if (record.length > 1 || record[0] !== '') records.push({ fields: record, line: lineOf(startsAt) });
    record = [];
    startsAt = at;
  }
  return records;
}

function nextOf(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === ',' || character === '\n' || character === '\r') return at;
  }
  return text.length;
}

/** The line of a character, from 1; asked for in rising order, so the text is walked once. */
function lineNumbers(text: string): (position: number) => number {
  let line = 1;
  let seen = 0;
  return (position) => {
    for (; seen < position; seen++) if (text[seen] === '\n' || (text[seen] === '\r' && text[seen + 1] !== '\n')) line++;
    return line;
  };
}
