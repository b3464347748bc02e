import { randomBytes } from 'node:crypto';
import { type EpochMilliseconds, epochMilliseconds } from '../../model/units.ts';

const longestSlug = 40;

/**
 * `20261121-091300-<name>-<4 hex>`: start in UTC to the second, the plan's name in lower case letters, digits and
 * dashes, and chance, so that two runs of one second differ. Ids sort by start.
 */
export function runId(
  name: string,
  startedAt: EpochMilliseconds,
  chance: string = randomBytes(2).toString('hex'),
): string {
  const [date = '', time = ''] = new Date(startedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestSlug)
    .replaceAll(/^-+|-+$/g, '');
  return `${date}-${time}-${slug === '' ? 'run' : slug}-${chance}`;
}

const shape = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-f]{4}$/;

/** The second in which the run began, from its id; null where the text is no id. */
export function startOfRun(id: string): EpochMilliseconds | null {
  const match = shape.exec(id);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return epochMilliseconds(Date.UTC(year, month - 1, day, hour, minute, second));
}
