import type { Reasons } from './reasons.ts';

/** Endpoints are told apart by their names. */
export function checkNames(where: string, endpoints: readonly { readonly name: string }[], reasons: Reasons): void {
  for (const [index, { name }] of endpoints.entries())
    if (endpoints.findIndex((other) => other.name === name) !== index)
      reasons.add(`${where}[${index}].name`, `two endpoints are called "${name}"`, 'give each a name of its own');
}

/** Each `{{column}}` of the texts is one of the data. */
export function checkColumns(
  where: string,
  texts: readonly string[],
  rows: readonly Readonly<Record<string, string>>[],
  reasons: Reasons,
): void {
  const columns = texts.flatMap((text) =>
    [...text.matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g)].map(([, column = '']) => column),
  );
  for (const column of new Set(columns)) {
    if (rows.length === 0)
      reasons.add(
        where,
        `{{${column}}} needs data rows, and there are none`,
        'give them with --data FILE.csv or traffic.data',
      );
    else if (rows.some((row) => row[column] === undefined))
      reasons.add(
        where,
        `{{${column}}} is not a column of the data`,
        `its columns are: ${Object.keys(rows[0] ?? {}).join(', ')}`,
      );
  }
}
