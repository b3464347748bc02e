import test from 'ava';
import { compileExpectation, judgeResponse } from './expectation.ts';

const judge = (statuses: number[], body: string | null, status: number, text: string | null): string => {
  const { outcome, failure } = judgeResponse(
    compileExpectation({ statuses, body }),
    status,
    text === null ? null : Buffer.from(text),
  );
  return failure ?? outcome;
};

test('any 2xx or 3xx is done unless statuses are listed', (t) => {
  t.deepEqual(
    [101, 200, 204, 304, 399, 400, 404, 500].map((status) => judge([], null, status, null)),
    [
      'unexpected-status',
      'done',
      'done',
      'done',
      'done',
      'unexpected-status',
      'unexpected-status',
      'unexpected-status',
    ],
  );
  t.is(judge([201], null, 200, null), 'unexpected-status');
  t.is(judge([404], null, 404, null), 'done');
});

test('429 and 503 are shed, unless they are expected', (t) => {
  t.is(judge([], null, 429, null), 'shed');
  t.is(judge([200], null, 503, null), 'shed');
  t.is(judge([200, 503], null, 503, null), 'done');
});

test('the body must match as well', (t) => {
  t.is(judge([], '"ok":\\s*true', 200, '{"ok": true}'), 'done');
  t.is(judge([], '^grüße$', 200, 'grüße'), 'done');
  t.is(judge([], 'ok', 200, 'no'), 'unexpected-body');
  t.is(judge([], 'ok', 200, null), 'unexpected-body');
  t.is(judge([], 'ok', 500, 'ok'), 'unexpected-status');
  t.throws(() => compileExpectation({ statuses: [], body: '(' }));
});
