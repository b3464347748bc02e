import { createHash } from 'node:crypto';

/** SHA-256 of names and values, whatever their order: `name=value` lines by name, JSON for each so that none can pose as two. */
export function hashOfFields(fields: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map((entry) => `${JSON.stringify(entry)}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
