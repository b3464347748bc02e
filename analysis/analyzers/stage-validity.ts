import type { ValidityReason } from './validity-reasons.ts';

/**
 * Whether a stage's figures may be believed. The first question: what fails it is not judged by any other. A valid stage
 * has reasons where the generator was late in it.
 */
export interface StageValidity {
  readonly status: 'valid' | 'invalid' | 'excluded';
  readonly reasons: readonly ValidityReason[];
}

/** Whether even small differences of response times may be told from the stage. */
export function isUndisturbed(validity: StageValidity | undefined): boolean {
  return validity?.status === 'valid' && validity.reasons.length === 0;
}

/** Whether the generator was late in a valid stage, so that its response times are up to some longer than the target's. */
export function wasLate(validity: StageValidity | undefined): boolean {
  return validity?.status === 'valid' && validity.reasons.length > 0;
}
