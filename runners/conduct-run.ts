import { type Environment, type RunOutcome, type RunRecord, runRecordFormat } from '../model/run-record.ts';
import { gctraceCollector } from './collectors/gctrace-collector.ts';
import { measureLoad, nothingMeasured } from './measure-load.ts';
import { packageManifest } from './package-root.ts';
import type { RunJob } from './run-job.ts';
import { type RunFolder, openRunFolder } from './store/open-run-folder.ts';
import { prepareRunsDirectory } from './store/prepare-runs-directory.ts';
import { acquireTarget } from './target/acquire-target.ts';
import { describeEnvironment } from './target/describe-environment.ts';
import type { Target } from './target/target.ts';
import { trustCertificates } from './trust-certificates.ts';
import { RunFailure, type World, interruptionText } from './world.ts';

/**
 * Carries out a plan and writes down what happened:
 *
 *     open the folder ─▶ target ready ─▶ load driven, watched and collected ─▶ target stopped ─▶ record saved
 *
 * A failure on the way is the record's outcome, so that whatever was measured is kept; only a folder that cannot be
 * opened or completed is thrown.
 */
export async function conductRun(job: RunJob): Promise<{ readonly record: RunRecord; readonly folder: string }> {
  const { world, plan } = job;
  const startedAt = world.now();
  await prepareRunsDirectory(job.runsDirectory, plan.abortRules.freeDiskBytes);
  const folder = await openRunFolder({ ...job, startedAt });
  job.onFolder(folder.path);
  const gctrace = gctraceCollector(world);
  const measured = nothingMeasured();
  const { version } = packageManifest();
  const tools = { plimsoll: version };
  let target: Target | null = null;
  let environment: Environment | null = null;
  let outcome: RunOutcome;
  try {
    await trustCertificates(plan.connections.tls);
    target = await acquireTarget(plan, world, {
      runId: folder.id,
      log: folder.targetLog,
      redact: folder.redact,
      onErrorLine: (line) => gctrace.line(line),
    });
    environment = await describeEnvironment(plan, target, tools);
    const { readinessRequests } = target;
    measured.readinessRequests = readinessRequests;
    await folder.note({ environment, readinessRequests });
    outcome = await measureLoad(job, folder, target, gctrace, measured);
  } catch (error) {
    outcome = await failureOutcome(error, world, folder);
  } finally {
    await target?.stop();
  }
  const record: RunRecord = {
    formatVersion: runRecordFormat,
    id: folder.id,
    plimsollVersion: version,
    plan,
    environment: environment ?? (await describeEnvironment(plan, null, tools)),
    startedAt,
    endedAt: world.now(),
    outcome,
    ...measured,
  };
  return { record, folder: await folder.complete(record) };
}

/** Ctrl-C before the load is no failure of anything; a defect of ours leaves what was measured in a partial folder. */
async function failureOutcome(error: unknown, world: World, folder: RunFolder): Promise<RunOutcome> {
  if (!(error instanceof RunFailure)) {
    await folder.abandon();
    throw error;
  }
  const { phase, message: reason, hint } = error;
  if (world.interrupted.aborted)
    return {
      status: 'aborted',
      phase,
      code: 'interrupted',
      reason: `${interruptionText(world)} before the load began`,
    };
  return { status: 'failed', phase, reason, hint };
}
