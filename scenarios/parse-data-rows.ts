import { z } from 'zod';
import { UnitError } from '../model/units.ts';

type Row = Readonly<Record<string, string>>;

const hint = 'a .csv file with a header line, or a .json file with a list of objects';
const jsonRows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));

/** Rows for `{{column}}` from the text of a .csv (RFC 4180) or .json file. @throws UnitError with every row named */
export function parseDataRows(fileName: string, text: string): readonly Row[] {
  const rows = fileName.toLowerCase().endsWith('.json') ? fromJson(fileName, text) : fromCsv(fileName, text);
  if (rows.length === 0) throw new UnitError(`${fileName} has no rows`, hint);
  return rows;
}

function fromJson(fileName: string, text: string): readonly Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnitError(`${fileName} is not JSON`, hint);
  }
  const parsed = jsonRows.safeParse(value);
  if (!parsed.success) throw new UnitError(`${fileName} is not a list of objects with texts and numbers`, hint);
  return parsed.data.map((row) => Object.fromEntries(Object.entries(row).map(([key, item]) => [key, String(item)])));
}

function fromCsv(fileName: string, text: string): readonly Row[] {
  const [header, ...lines] = csvRecords(fileName, text.replace(/^\uFEFF/, ''));
  if (header === undefined) throw new UnitError(`${fileName} is empty`, hint);
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw new UnitError(`${fileName} has two columns called "${twice}"`, hint);
  return lines.map((fields, index) => {
    if (fields.length !== header.length)
      throw new UnitError(
        `${fileName}, row ${index + 1}: ${fields.length} fields, but the header has ${header.length}`,
        'quote fields that hold a comma or a line break: "a, b"',
      );
    return Object.fromEntries(header.map((name, column) => [name, fields[column] ?? '']));
  });
}

/** Fields in double quotes may hold commas, line breaks and doubled quotes; empty lines are left out. */
function csvRecords(fileName: string, text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      const start = at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote === -1) throw new UnitError(`${fileName}: the quote at character ${start + 1} is never closed`, hint);
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
      throw new UnitError(`${fileName}: text after a closing quote at character ${at + 1}`, hint);
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
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
