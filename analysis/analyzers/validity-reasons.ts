/**
 * Why a stage is not judged. Each is explained in docs/validity-reasons.md. None of them says anything about the
 * target: a stage in which the target made requests wait is valid, and saturated.
 */
export const validityReasons = {
  'warm-up': 'excluded',
  'cool-down': 'excluded',
  'stage-not-reached': 'invalid',
  'stage-incomplete': 'invalid',
  'no-traffic': 'invalid',
  'books-unbalanced': 'invalid',
  'schedule-not-kept': 'invalid',
  'requests-not-sent': 'invalid',
  'generator-late': 'invalid',
  'generator-busy': 'invalid',
  'generator-stalled': 'invalid',
  'generator-idle-connections': 'invalid',
  'generator-incomplete': 'invalid',
  'generator-health-missing': 'invalid',
  'target-restarted': 'invalid',
} as const;

export type ValidityReason = keyof typeof validityReasons;
