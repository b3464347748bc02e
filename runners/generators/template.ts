/*
 * `{{column}}` in the texts of endpoints, filled from the rows of the data. For every engine, so it uses nothing of Node.
 */

const placeholder = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** The columns that the texts name. */
export function templateColumns(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(placeholder)].map(([, column]) => column ?? '')));
}

/**
 * A text that is filled from a row, taken apart once.
 * @param encode makes a value fit where it stands: in a URL a `&`, `#` or `/` in the data is data
 */
export function template(
  text: string,
  encode: (value: string) => string = (value) => value,
): (row: Readonly<Record<string, string>>) => string {
  const [before = '', ...rest] = text.split(placeholder);
  if (rest.length === 0) return () => before;
  // Column and text after it, in turn.
  return (row) => rest.reduce((filled, part, at) => filled + (at % 2 === 0 ? encode(row[part] ?? '') : part), before);
}

/** @throws Error where a column is missing in a row */
export function checkTemplateColumns(
  columns: ReadonlySet<string>,
  rows: readonly Readonly<Record<string, string>>[],
): void {
  for (const column of columns)
    if (rows.some((row) => row[column] === undefined)) throw new Error(`{{${column}}} is missing in the data`);
  if (columns.size > 0 && rows.length === 0) throw new Error(`{{${[...columns].join('}}, {{')}}} but there is no data`);
}
