import type { OutcomeKind } from '../../model/measurements.ts';
import type { FailureKind } from '../../model/measurements.ts';
import type { Expectation } from '../../model/traffic.ts';

export interface CompiledExpectation {
  /** Accepted status codes; null: 200 to 399. */
  readonly statuses: ReadonlySet<number> | null;
  readonly body: RegExp | null;
}

/** @throws SyntaxError where the body's expression is none. */
export function compileExpectation(expectation: Expectation): CompiledExpectation {
  return {
    statuses: expectation.statuses.length === 0 ? null : new Set(expectation.statuses),
    body: expectation.body === null ? null : new RegExp(expectation.body),
  };
}

/** `compileExpectation` that compiles the same expectation once, however often it comes. */
export function keptExpectations(): (expectation: Expectation) => CompiledExpectation {
  const kept = new Map<string, CompiledExpectation>();
  return (expectation) => {
    const key = JSON.stringify(expectation);
    const compiled = kept.get(key) ?? compileExpectation(expectation);
    if (kept.size < mostExpectations) kept.set(key, compiled);
    return compiled;
  };
}

/** A scenario's function may make up a new one for each request. */
const mostExpectations = 500;

export interface Judgement {
  readonly outcome: OutcomeKind;
  readonly failure: FailureKind | null;
  /** Whether it was the status that was not accepted. */
  readonly byStatus: boolean;
}

const done: Judgement = { outcome: 'done', failure: null, byStatus: false };
const shed: Judgement = { outcome: 'shed', failure: null, byStatus: true };
const unexpectedStatus: Judgement = { outcome: 'failed', failure: 'unexpected-status', byStatus: true };
const unexpectedBody: Judgement = { outcome: 'failed', failure: 'unexpected-body', byStatus: false };

/** A text, or bytes that become one where they are looked at. */
interface ResponseBody {
  toString(encoding: 'utf8'): string;
}

/** What a complete response counts as. 429 and 503 are the service's refusals, unless they were expected. */
export function judgeResponse(expectation: CompiledExpectation, status: number, body: ResponseBody | null): Judgement {
  const { statuses } = expectation;
  const accepted = statuses === null ? status >= 200 && status < 400 : statuses.has(status);
  if (!accepted) return status === 429 || status === 503 ? shed : unexpectedStatus;
  if (expectation.body === null) return done;
  return expectation.body.test(body === null ? '' : body.toString('utf8')) ? done : unexpectedBody;
}
