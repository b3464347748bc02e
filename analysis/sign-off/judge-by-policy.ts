import type { GatePolicy } from '../../model/gate-policy.ts';
import type { CheckStatus, RequiredTest, Waiver } from '../../model/sign-off.ts';
import { type EpochMilliseconds, inSeconds, milliseconds } from '../../model/units.ts';
import type { GateRun } from '../gate/gate-check.ts';
import { judgeGate } from '../gate/judge-gate.ts';
import { type TestedRun, testOf } from './tested-run.ts';

/** Tests that a policy's objectives are for. While a dependency is slow, others hold: those of its own scenario. */
const ordinary: readonly (RequiredTest | null)[] = ['peak-soak', 'spike', 'instance-lost', 'restart'];

export interface PolicyAnswer {
  readonly status: CheckStatus;
  readonly evidence: string;
  /** Of the policy's own waivers those that a test needed, as waivers of the sign-off's line. */
  readonly waivers: readonly Waiver[];
}

/**
 * What a gate's policy says of the tests: each by itself, since they differ in their load on purpose, and the steady time
 * that it asks for of all of them together. Limits against a reference are the business of a comparison.
 */
export function judgeByPolicy(policy: GatePolicy, runs: readonly TestedRun[], now: EpochMilliseconds): PolicyAnswer {
  const judged = runs.flatMap((run) => (run.gate !== null && ordinary.includes(testOf(run)) ? [run.gate] : []));
  const said = (status: CheckStatus, evidence: string, waivers: readonly Waiver[] = []): PolicyAnswer => ({
    status,
    evidence: `${policy.name}: ${evidence}`,
    waivers,
  });
  if (judged.length === 0) return said('inconclusive', 'no test was given that it could judge');
  const alone = { ...policy, relative: [], evidence: { ...policy.evidence, steadyMs: milliseconds(0) } };
  const judgements = judged.map((gate) => ({ id: gate.sample.id, ...judgeGate(alone, [gate], [], now) }));
  for (const wanted of ['fail', 'inconclusive'] as const) {
    const found = judgements.find(({ verdict }) => verdict.status === wanted);
    if (found !== undefined) return said(wanted, `${found.id}: ${found.verdict.reasons.slice(0, 3).join('; ')}`);
  }
  const steady = milliseconds(Math.round(steadyTime(judged)));
  const least = policy.evidence.steadyMs;
  if (steady < least)
    return said('inconclusive', `only ${inSeconds(steady)} s of steady time in all tests, of ${inSeconds(least)} s`);
  const used = judgements.flatMap(({ checks }) => checks.flatMap(({ waiver }) => (waiver === null ? [] : [waiver])));
  const waivers = policy.waivers
    .filter(({ owner, reason, expires }) =>
      used.some((each) => each.owner === owner && each.reason === reason && each.expires === expires),
    )
    .map(({ owner, reason, expiresAt }): Waiver => ({
      owner,
      reason,
      scope: 'policy',
      expires: new Date(expiresAt).toISOString(),
    }));
  return said(waivers.length > 0 ? 'waived' : 'pass', `${judged.length} tests, each by itself`, waivers);
}

const steadyTime = (runs: readonly GateRun[]): number =>
  runs
    .flatMap(({ sample }) => sample.stages)
    .filter(({ validity }) => validity.status === 'valid')
    .reduce((sum, { steadyMs }) => sum + steadyMs, 0);
