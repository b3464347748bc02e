import { grpcCodes } from '../model/answer-status.ts';
import type { GrpcExpectation } from '../model/traffic.ts';
import { UnitError } from '../model/units.ts';
import { nearestName } from './nearest-name.ts';
import { checkRegularExpression } from './parse-expectation.ts';

/** `OK,NOT_FOUND`, `body~REGEX`, or both kinds → GrpcExpectation; empty → OK. @throws UnitError */
export function parseGrpcExpectation(text: string): GrpcExpectation {
  const [list = '', body] = text.split(/(?:^|,)body~(.*)$/s);
  const codes = list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  for (const code of codes) {
    if (code === 'DEADLINE_EXCEEDED')
      throw new UnitError('DEADLINE_EXCEEDED is a timeout, never an answer', 'leave it out, or give a longer deadline');
    if (!grpcCodes.some((known) => known === code)) {
      const near = nearestName(code, grpcCodes);
      throw new UnitError(
        `"${code}" is not a gRPC code`,
        near === null ? `write names of codes joined by commas: ${grpcCodes.join(', ')}` : `did you mean ${near}?`,
      );
    }
  }
  if (body !== undefined) checkRegularExpression(body);
  return { codes, body: body ?? null };
}
