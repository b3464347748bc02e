import test from 'ava';
import { compileCallExpectation, judgeCall } from './call-expectation.ts';

const judge = (codes: readonly string[], code: string, body: string | null = null): string => {
  const { outcome, failure, byStatus } = judgeCall(compileCallExpectation({ codes, body }), code, () => '{"id":"7"}');
  return [outcome, failure ?? '', byStatus ? code : ''].join(' ').trim();
};

test('what a code counts as', (t) => {
  t.is(judge([], 'OK'), 'done');
  t.is(judge([], 'NOT_FOUND'), 'failed unexpected-status NOT_FOUND');
  t.is(judge(['OK', 'NOT_FOUND'], 'NOT_FOUND'), 'done');
  t.is(judge(['NOT_FOUND'], 'OK'), 'failed unexpected-status OK');
  for (const code of ['RESOURCE_EXHAUSTED', 'UNAVAILABLE']) {
    t.is(judge([], code), `shed  ${code}`);
    t.is(judge([code], code), 'done');
  }
});

test('the answer is looked at where an expression is given', (t) => {
  t.is(judge([], 'OK', '"id":"7"'), 'done');
  t.is(judge([], 'OK', '"id":"8"'), 'failed unexpected-body');
  t.is(judge([], 'INTERNAL', '"id":"7"'), 'failed unexpected-status INTERNAL');
});
