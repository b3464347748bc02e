import type { GateCheck } from '../../analysis/gate/gate-check.ts';
import type { TestCase, TestSuite } from '../../reports/render/to-junit.ts';
import { measuredText } from './compose-gate.ts';
import type { GateFigures } from './gate-figures.ts';

/** A judgement as tests, one for each check. All pass only where the verdict is a pass. */
export function gateSuite({ policy, runs, checks, verdict, judgedAt, warnings }: GateFigures): TestSuite {
  const cases = checks.map((check) => caseOf(check, verdict.status === 'pass'));
  const allPass = cases.every(({ status }) => status === 'pass' || status === 'not-asked');
  return {
    name: `gate ${policy.name}`,
    timestamp: new Date(judgedAt).toISOString().slice(0, 19),
    seconds: 0,
    properties: {
      verdict: verdict.status,
      policy: `${policy.file} ${policy.sha256}`,
      runs: runs.candidate.join(' '),
      reference: runs.reference.join(' '),
      warnings: warnings.map(({ code }) => code).join(' '),
    },
    cases:
      allPass && verdict.status !== 'pass'
        ? [...cases, { name: 'the verdict', status: 'unknown', message: verdict.reasons.join('; '), lines: [] }]
        : cases,
  };
}

const statuses = { pass: 'pass', waived: 'pass', fail: 'fail', inconclusive: 'unknown' } as const;

/** A check that was missed but outweighed is told as one that was skipped: a failed test would fail the job. */
function caseOf(check: GateCheck, passed: boolean): TestCase {
  const status = passed && check.status === 'fail' ? 'not-asked' : statuses[check.status];
  const { waiver } = check;
  return {
    name: check.id,
    status,
    message: check.reason ?? '',
    lines: [
      `limit: ${check.limit}`,
      `measured: ${measuredText(check)}`,
      ...(waiver === null
        ? []
        : [`waived up to ${waiver.upTo} by ${waiver.owner} until ${waiver.expires}: ${waiver.reason}`]),
      ...check.details,
    ],
  };
}
