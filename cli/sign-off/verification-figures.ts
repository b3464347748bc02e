import type { SafeRate, SignOffVerdict, Subject, Validity } from '../../model/sign-off.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Refusal, Verification } from './verify-sign-off.ts';

/** What `plimsoll signoff verify --json` prints, `schema` apart; null where the statement is not believed or not readable. */
export interface VerificationFigures {
  readonly status: Verification['status'];
  readonly verdict: SignOffVerdict | null;
  readonly service: string | null;
  readonly subject: readonly Subject[] | null;
  readonly safeRatePerInstance: SafeRate | null;
  readonly validity: Validity | null;
  /** As the signatures say; verified only where `status` is `valid`. */
  readonly keyIds: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly { readonly code: 'no-key'; readonly message: string }[];
}

export function verificationFigures({ status, statement, keyIds, refusals }: Verification): VerificationFigures {
  const predicate = statement?.predicate ?? null;
  return {
    status,
    verdict: predicate?.verdict ?? null,
    service: predicate?.service ?? null,
    subject: statement?.subject ?? null,
    safeRatePerInstance: predicate?.safeRatePerInstance ?? null,
    validity: predicate?.validity ?? null,
    keyIds,
    refusals,
    warnings:
      status === 'unverified'
        ? [{ code: 'no-key', message: 'no key was given, so who signed it is not known: add --key PUB' }]
        : [],
  };
}

/** 0 only for what is valid and passes. */
export function verificationExitCode({ status, verdict }: VerificationFigures): ExitCode {
  if (status === 'refused' || verdict === 'FAIL') return exitCodes.missed;
  return status === 'valid' && verdict === 'PASS' ? exitCodes.done : exitCodes.inconclusive;
}
