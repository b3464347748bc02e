import type { VerdictStatus } from '../../model/finding.ts';
import type { GatePolicy } from '../../model/gate-policy.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { RunsWarning } from '../comparison/compare-runs.ts';
import type { RunSample } from '../comparison/run-sample.ts';
import { evidenceChecks } from './evidence-checks.ts';
import type { GateCheck, GateRun } from './gate-check.ts';
import { objectiveChecks } from './objective-checks.ts';
import { relativeChecks } from './relative-checks.ts';
import { shareText } from './share-text.ts';

export interface GateWarning {
  readonly code: 'waiver-expired' | 'waiver-unused' | RunsWarning['code'];
  readonly message: string;
}

export interface GateJudgement {
  /** Evidence first. */
  readonly checks: readonly GateCheck[];
  readonly verdict: {
    readonly status: VerdictStatus;
    /** Weight of what passed or is waived over that of all; evidence has none. */
    readonly score: number;
    readonly passShare: number;
    readonly reasons: readonly string[];
  };
  readonly warnings: readonly GateWarning[];
}

/**
 * Finished runs by a policy. The verdict is fail where a key check was missed, or where the checks that passed and those
 * still open together weigh too little; else inconclusive where anything is open or any evidence lacks; else pass.
 */
export function judgeGate(
  policy: GatePolicy,
  runs: readonly GateRun[],
  reference: readonly GateRun[],
  now: EpochMilliseconds,
): GateJudgement {
  const arms = [
    { name: 'candidate' as const, runs: samples(runs) },
    ...(reference.length === 0 ? [] : [{ name: 'reference' as const, runs: samples(reference) }]),
  ];
  const evidence = evidenceChecks(policy, arms, now);
  const alike = evidence.some(({ id, status }) => id === 'evidence alike' && status === 'pass');
  const relative = relativeChecks(policy, runs, reference, alike, now);
  const checks = [...evidence, ...objectiveChecks(policy, runs, now), ...relative.checks];
  return {
    checks,
    verdict: verdictOf(checks, policy),
    warnings: [...waiverWarnings(policy, checks, now), ...(relative.comparison?.warnings ?? [])],
  };
}

const samples = (list: readonly GateRun[]): readonly RunSample[] => list.map(({ sample }) => sample);

const say = ({ id, reason }: GateCheck): string => `${id}: ${reason ?? ''}`;

function verdictOf(checks: readonly GateCheck[], { passShare }: GatePolicy): GateJudgement['verdict'] {
  const weightOf = (...statuses: readonly GateCheck['status'][]): number =>
    checks.filter(({ status }) => statuses.includes(status)).reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const all = weightOf('pass', 'waived', 'fail', 'inconclusive');
  const score = all === 0 ? 0 : weightOf('pass', 'waived') / all;
  const best = all === 0 ? 0 : weightOf('pass', 'waived', 'inconclusive') / all;
  const missed = checks.filter(({ status }) => status === 'fail');
  const open = checks.filter(({ status }) => status === 'inconclusive');
  if (missed.some(({ key }) => key) || best < passShare)
    return { status: 'fail', score, passShare, reasons: [...missed, ...open].map(say) };
  if (open.length > 0 || all === 0) return { status: 'inconclusive', score, passShare, reasons: open.map(say) };
  return {
    status: 'pass',
    score,
    passShare,
    reasons: missed.map(
      (check) => `${say(check)} (${shareText(score)} of the weight passed, ${shareText(passShare)} is asked)`,
    ),
  };
}

function waiverWarnings(
  { waivers }: GatePolicy,
  checks: readonly GateCheck[],
  now: EpochMilliseconds,
): readonly GateWarning[] {
  return waivers.flatMap((waiver): readonly GateWarning[] => {
    const { check, owner, expires, expiresAt } = waiver;
    if (now >= expiresAt)
      return [
        { code: 'waiver-expired', message: `the waiver of ${owner} for "${check}" ended on ${expires}: take it out` },
      ];
    return checks.some(({ id, status }) => id === check && status === 'pass')
      ? [{ code: 'waiver-unused', message: `"${check}" holds without the waiver of ${owner}: take it out` }]
      : [];
  });
}
