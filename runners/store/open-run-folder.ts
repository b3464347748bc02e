import { rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ProfileCapture, type Scrape, notCollected } from '../../model/measurements.ts';
import type { Plan } from '../../model/plan.ts';
import { type Environment, type RunRecord, runRecordFormat } from '../../model/run-record.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { packageManifest } from '../package-root.ts';
import { describeEnvironment } from '../target/describe-environment.ts';
import type { World } from '../world.ts';
import { openGzipLines } from './gzip-lines.ts';
import { makeFolder } from './make-folder.ts';
import { manifestOf } from './manifest.ts';
import { decodePlan } from './plan-shape.ts';
import { partialSuffix, runFiles } from './run-folder-files.ts';
import { runId } from './run-id.ts';
import { profileFile } from './run-record-shape.ts';
import { encodeSummary, summaryOf } from './run-summary.ts';
import { mapStrings, redactor, secretsOfPlan, withoutSecrets } from './secrets.ts';
import { type StoreFailure, storeFailure } from './store-failure.ts';
import { writeWholeFile } from './write-whole-file.ts';

export interface RunFolderJob {
  /** Made from name and start where not given. */
  readonly id?: string;
  readonly world: Pick<World, 'environment'>;
  readonly plan: Plan;
  readonly runsDirectory: string;
  readonly startedAt: EpochMilliseconds;
  readonly requestsModule: { readonly code: string; readonly hash: string } | null;
  /** Values of references that are not in the environment; like those that are, they are written nowhere. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Where everything of one run goes as it comes, so that nothing measured is lost whatever happens. */
export interface RunFolder {
  readonly id: string;
  /** Where it is until the run is complete. */
  readonly path: string;
  readonly targetLog: string;
  readonly generatorLog: string;
  /** The bundled `requests` module or k6 script beside the plan; null for declarative endpoints. */
  readonly requestsFile: string | null;
  /** Puts `[env:NAME]` where a secret stands. */
  readonly redact: (text: string) => string;
  /** Resolves when something could not be written (the disk is full); never otherwise. */
  readonly broken: Promise<StoreFailure>;
  /** One line of the generator as it came: `ready`, `started`, every `second`, `finished`. Never throws. */
  addTrafficLine(text: string): void;
  /** Never throws. */
  addScrape(scrape: Scrape): void;
  /** `content`: the compressed profile as it came; null where there is none. @throws StoreFailure */
  saveProfile(capture: ProfileCapture, content: Uint8Array | null): Promise<void>;
  /** What became known, for the case that the run does not get to its end. @throws StoreFailure */
  note(known: Known): Promise<void>;
  /** Writes record and manifest and gives the folder its final name, which it returns. @throws StoreFailure */
  complete(record: RunRecord): Promise<string>;
  /** Puts on disk what was added, and leaves the folder partial: for when there will be no record. Never throws. */
  abandon(): Promise<void>;
}

export type Known = Partial<Pick<RunRecord, 'readinessRequests' | 'prepareRequests'>> & {
  readonly environment?: Environment;
};

/** Makes `<runs>/<id>.partial` and everything in it that is known before the run. @throws StoreFailure */
export async function openRunFolder(job: RunFolderJob): Promise<RunFolder> {
  const { plan, startedAt } = job;
  const id = job.id ?? runId(plan.name, startedAt);
  const final = join(resolve(job.runsDirectory), id);
  const path = final + partialSuffix;
  const within = (name: string): string => join(path, name);
  const redact = redactor(secretsOfPlan(plan, { ...job.world.environment, ...job.secrets }));
  let soFar: RunRecord = await beginning(id, plan, startedAt);
  let writing: Promise<void> = Promise.resolve();
  const saveSoFar = async (): Promise<void> => {
    const text = encodeSummary(summaryOf(soFar, redact), 'partial');
    writing = writing.then(async () => writeWholeFile(within(runFiles.record), text));
    return writing;
  };
  await makeFolder(within(runFiles.profiles)).catch((error: unknown) => {
    throw storeFailure(error, path);
  });
  await writeWholeFile(within(runFiles.plan), `${JSON.stringify(decodePlan(withoutSecrets(plan)), null, 2)}\n`);
  const requestsFile = await writeRequests(job, within);
  await saveSoFar();

  const broken = Promise.withResolvers<StoreFailure>();
  const traffic = openGzipLines(within(runFiles.traffic), broken.resolve);
  const metrics = openGzipLines(within(runFiles.metrics), broken.resolve);
  return {
    id,
    path,
    targetLog: within(runFiles.targetLog),
    generatorLog: within(runFiles.generatorLog),
    requestsFile,
    redact,
    broken: broken.promise,
    addTrafficLine: (text) => traffic.add(redactLine(text, redact)),
    addScrape: (scrape) => metrics.add(JSON.stringify(mapStrings(scrape, redact))),
    saveProfile: async (capture, content) => {
      if (capture.content.status === 'captured' && content !== null)
        await writeWholeFile(within(profileFile.parse(capture.content.value.file)), content);
      soFar = { ...soFar, profiles: [...soFar.profiles, capture] };
      await saveSoFar();
    },
    note: async (known) => {
      soFar = { ...soFar, ...known };
      await saveSoFar();
    },
    abandon: async () => {
      await Promise.allSettled([traffic.close(), metrics.close(), writing]);
    },
    complete: async (record) => {
      await traffic.close();
      await metrics.close();
      await writing;
      await writeWholeFile(within(runFiles.record), encodeSummary(summaryOf(record, redact), 'complete'));
      const manifest = await manifestOf(path, id, runRecordFormat).catch((error: unknown) => {
        throw storeFailure(error, path);
      });
      await writeWholeFile(within(runFiles.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
      await rename(path, final).catch((error: unknown) => {
        throw storeFailure(error, final);
      });
      return final;
    },
  };
}

/** The record as it is before anything happened; what a killed run leaves is read from it and from the lines. */
async function beginning(id: string, plan: Plan, startedAt: EpochMilliseconds): Promise<RunRecord> {
  return {
    formatVersion: runRecordFormat,
    id,
    plimsollVersion: packageManifest().version,
    plan,
    environment: await describeEnvironment(plan, null),
    startedAt,
    endedAt: startedAt,
    outcome: {
      status: 'aborted',
      phase: 'load',
      code: 'interrupted',
      reason: 'plimsoll ended before the run was complete',
    },
    readinessRequests: 0,
    prepareRequests: 0,
    traffic: notCollected('the run was not complete'),
    scrapes: [],
    collectors: [],
    profiles: [],
  };
}

/** Most lines hold no secret, and those that do stay JSON. */
function redactLine(line: string, redact: (text: string) => string): string {
  if (redact(line) === line) return line;
  try {
    const data: unknown = JSON.parse(line);
    return JSON.stringify(mapStrings(data, redact));
  } catch {
    return redact(line); // not JSON, so there is nothing to keep whole
  }
}

async function writeRequests(job: RunFolderJob, within: (name: string) => string): Promise<string | null> {
  const { plan, requestsModule } = job;
  if (plan.traffic.kind === 'endpoints' || plan.traffic.kind === 'grpc' || requestsModule === null) return null;
  if (!/^(requests|script)-[0-9a-f]{16}\.mjs$/.test(plan.traffic.file))
    throw new TypeError(`${plan.traffic.file} is no name for a module`);
  const file = within(plan.traffic.file);
  await writeWholeFile(file, requestsModule.code);
  return file;
}
