import type { SignOff, SignOffCheck, SignOffVerdict } from '../../model/sign-off.ts';

/** FAIL where a line failed, INCONCLUSIVE where one is open, else PASS: what is weak or missing never passes. */
export function verdictOf(checklist: readonly Pick<SignOffCheck, 'status'>[]): SignOffVerdict {
  const statuses = checklist.map(({ status }) => status);
  if (statuses.includes('fail')) return 'FAIL';
  return statuses.length === 0 || statuses.includes('inconclusive') ? 'INCONCLUSIVE' : 'PASS';
}

/** The same in the words of in-toto's test-result, which knows nothing undecided: that is a failure. */
export function testResultOf(
  checklist: readonly Pick<SignOffCheck, 'id' | 'status'>[],
): Pick<SignOff, 'result' | 'passedTests' | 'warnedTests' | 'failedTests'> {
  const named = (...wanted: readonly SignOffCheck['status'][]): readonly string[] =>
    checklist.filter(({ status }) => wanted.includes(status)).map(({ id }) => id);
  const warnedTests = named('waived');
  return {
    result: verdictOf(checklist) !== 'PASS' ? 'FAILED' : warnedTests.length > 0 ? 'WARNED' : 'PASSED',
    passedTests: named('pass'),
    warnedTests,
    failedTests: named('fail', 'inconclusive'),
  };
}
