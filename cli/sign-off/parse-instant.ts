import { UnitError } from '../../model/units.ts';

const hint = 'write a date such as 2026-12-31, or an instant such as 2026-12-31T18:00:00Z';

/** A day as `YYYY-MM-DD`. @throws UnitError for anything else */
export function parseDay(text: string): string {
  const [year, month, day] = partsOf(text);
  if (year === undefined || month === undefined || day === undefined) throw new UnitError(`"${text}" is no date`, hint);
  return text;
}

/** When something ends: an instant, or a day, at whose end it does (UTC). As ISO 8601. @throws UnitError */
export function parseEnd(text: string): string {
  const [year, month, day] = partsOf(text);
  if (year !== undefined && month !== undefined && day !== undefined)
    return new Date(Date.UTC(year, month - 1, day + 1)).toISOString();
  return parseInstant(text);
}

/** As ISO 8601. @throws UnitError */
export function parseInstant(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at)) throw new UnitError(`"${text}" is no date and no instant with its time zone`, hint);
  return new Date(at).toISOString();
}

/** Year, month and day of a day that there is; else nothing. */
function partsOf(text: string): readonly number[] {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.slice(1).map(Number) ?? [];
  const [year = 0, month = 1, day = 1] = parts;
  return parts.length > 0 && new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text) ? parts : [];
}
