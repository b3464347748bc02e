import { isShedStatus } from '../../model/answer-status.ts';
import type { GrpcExpectation } from '../../model/traffic.ts';
import type { Judgement } from './expectation.ts';

export interface CompiledCallExpectation {
  /** Accepted codes. */
  readonly codes: ReadonlySet<string>;
  readonly body: RegExp | null;
}

/** @throws SyntaxError where the answer's expression is none */
export function compileCallExpectation({ codes, body }: GrpcExpectation): CompiledCallExpectation {
  return { codes: new Set(codes.length === 0 ? ['OK'] : codes), body: body === null ? null : new RegExp(body) };
}

/** What a call counts as that the service ended with a code. `answer` is asked only where it matters. */
export function judgeCall(expectation: CompiledCallExpectation, code: string, answer: () => string): Judgement {
  if (!expectation.codes.has(code))
    return isShedStatus(code)
      ? { outcome: 'shed', failure: null, byStatus: true }
      : { outcome: 'failed', failure: 'unexpected-status', byStatus: true };
  return expectation.body === null || expectation.body.test(answer())
    ? { outcome: 'done', failure: null, byStatus: false }
    : { outcome: 'failed', failure: 'unexpected-body', byStatus: false };
}
