import type { ValidityReason } from './validity-reasons.ts';

/** Whether a stage's figures may be believed. The first question: what fails it is not judged by any other. */
export interface StageValidity {
  readonly status: 'valid' | 'invalid' | 'excluded';
  readonly reasons: readonly ValidityReason[];
}
