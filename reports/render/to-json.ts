import type { Analysis } from '../../analysis/analysis.ts';

/**
 * The JSON that other programs rely on (docs/json.md): `schema` first, then the analysis without what only pictures
 * need, then `more` that a verb adds. An unknown number is null; NaN and infinities, which JSON does not have, become null
 * as well.
 */
export function toJson(analysis: Analysis, schema: string, more: object = {}): string {
  const { runs, name, environment, outcome, engine, stages, capacity, findings, verdict, warnings } = analysis;
  const base = { schema, runs, name, environment, outcome, engine, stages, capacity, findings, verdict, warnings };
  return `${JSON.stringify({ ...base, ...more }, null, 2)}\n`;
}
