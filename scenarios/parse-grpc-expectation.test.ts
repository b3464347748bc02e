import test from 'ava';
import { grpcCodes } from '../model/answer-status.ts';
import { UnitError } from '../model/units.ts';
import { parseGrpcExpectation } from './parse-grpc-expectation.ts';

test('codes and an answer are read', (t) => {
  t.deepEqual(parseGrpcExpectation(''), { codes: [], body: null });
  t.deepEqual(parseGrpcExpectation('OK, NOT_FOUND'), { codes: ['OK', 'NOT_FOUND'], body: null });
  t.deepEqual(parseGrpcExpectation('OK,body~"a":[1,2]'), { codes: ['OK'], body: '"a":[1,2]' });
  for (const code of grpcCodes) if (code !== 'DEADLINE_EXCEEDED') t.deepEqual(parseGrpcExpectation(code).codes, [code]);
});

test('what is no code, or no answer, is refused with a way out', (t) => {
  const refusal = (text: string): string => {
    const error = t.throws(() => parseGrpcExpectation(text), { instanceOf: UnitError });
    return `${error?.message} ${error?.hint}`;
  };
  t.regex(refusal('NOTFOUND'), /did you mean NOT_FOUND/);
  t.regex(refusal('200'), /"200" is not a gRPC code.*OK, CANCELLED/);
  t.regex(refusal('OK,DEADLINE_EXCEEDED'), /is a timeout/);
  t.regex(refusal('body~('), /not a regular expression/);
});
