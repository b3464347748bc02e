import type { Plan } from '../../model/plan.ts';
import { redactor, secretsOfPlan } from '../../runners/store/secrets.ts';
import { acquireTarget } from '../../runners/target/acquire-target.ts';
import { trustCertificates } from '../../runners/trust-certificates.ts';
import type { World } from '../../runners/world.ts';

/** The target while several trials meet it. */
export interface HeldTarget {
  readonly url: string;
  /** Counts its processes from 0; an attached one is always the same. */
  readonly number: number;
  /** One sentence once a launched one ended of its own accord; null before. */
  ended(): string | null;
  stop(): Promise<void>;
}

/**
 * Launches the plan's target, or takes the attached one as it is: trials look whether it answers.
 * @throws RunFailure of phase `target`
 */
export async function holdTarget(
  plan: Plan,
  world: World,
  context: { readonly runId: string; readonly log: string; readonly number: number },
): Promise<HeldTarget> {
  if (plan.target.kind === 'attach')
    return { url: plan.target.url, number: 0, ended: () => null, stop: async () => {} };
  await trustCertificates(plan.connections.tls);
  const target = await acquireTarget(plan, world, {
    runId: context.runId,
    log: context.log,
    redact: redactor(secretsOfPlan(plan, world.environment)),
    onErrorLine: () => {},
  });
  let description: string | null = null;
  void target.exited.then((exit) => (description = exit.description));
  return { url: target.url, number: context.number, ended: () => description, stop: () => target.stop() };
}
