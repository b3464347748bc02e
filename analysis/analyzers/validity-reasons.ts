/**
 * Why a stage is not judged, or not in all respects. Each is explained in docs/validity-reasons.md. None of them says
 * anything about the target: a stage in which the target made requests wait is valid, and saturated. Those of kind
 * `late` leave the stage valid: lateness lengthens response times, by no more than it was, and changes nothing else.
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
  'generator-late': 'late',
  'generator-busy': 'late',
  'generator-stalled': 'late',
  'generator-idle-connections': 'invalid',
  'generator-incomplete': 'invalid',
  'generator-health-missing': 'invalid',
  'target-restarted': 'invalid',
} as const;

export type ValidityReason = keyof typeof validityReasons;
