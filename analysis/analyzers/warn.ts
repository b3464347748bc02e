import type { Warning } from '../analysis.ts';

/** Doubts that the analysis may raise; docs/warnings.md explains each. The planner's own come from the plan. */
export const warningCodes = [
  'traffic-missing',
  'histogram-unreadable',
  'requests-untimed',
  'lateness-unknown',
  'too-few-exceedances',
  'too-few-batches',
  'interval-unbounded',
  'few-batches',
  'few-independent-exceedances',
  'not-settled',
  'response-time-growing',
  'quantile-of-survivors',
  'generator-late',
  'water-level-unknown',
  'water-level-bracket-widened',
  'water-level-not-monotone',
  'water-level-beyond-range',
  'saturation-unknown',
  'saturation-bracket-widened',
  'saturation-not-monotone',
  'saturation-beyond-range',
  'target-not-measured',
  'several-instances',
  'signal-missing',
  'few-gc-cycles',
  'hold-time-unknown',
  'database-partly-hidden',
  'host-busy',
  'counter-restarted',
  'scrape-undecodable',
  'server-differs',
] as const;

export type WarningCode = (typeof warningCodes)[number];

export function warn(code: WarningCode, message: string, stage: number | null = null): Warning {
  return { code, message, stage };
}
