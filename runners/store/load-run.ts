import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { type Captured, type TrafficMeasurement, captured } from '../../model/measurements.ts';
import { type RunRecord, runRecordFormat } from '../../model/run-record.ts';
import { systemCause } from '../../model/system-cause.ts';
import { decodeManifest, verifyManifest } from './manifest.ts';
import { recoverRun } from './recover-run.ts';
import { refuseChangedRecord } from './refuse-changed-record.ts';
import {
  decoded,
  oneLine,
  readJson,
  readScrapes,
  readTrafficLines,
  restoreHint,
  whichRunHint,
} from './read-run-files.ts';
import { runFiles } from './run-folder-files.ts';
import { type RunSummary, decodeSummary } from './run-record-shape.ts';
import type { RunState } from './run-summary.ts';
import { UnreadableRun } from './unreadable-run.ts';
import { type UpgradePath, upgradeFrom } from './upgrades.ts';

/**
 * Reads a run folder, complete or partial. Of a complete one every file is checked against the manifest first. A partial
 * one is put together from what was on disk when plimsoll ended. @throws UnreadableRun, and nothing else
 */
export async function loadRun(folder: string): Promise<RunRecord> {
  try {
    return await readFolder(folder);
  } catch (error) {
    if (error instanceof UnreadableRun) throw error;
    const reason = oneLine(systemCause(error));
    throw new UnreadableRun(`${folder} cannot be read: ${reason}`, restoreHint);
  }
}

async function readFolder(folder: string): Promise<RunRecord> {
  const found = await stat(folder).catch(() => null);
  if (found === null) throw new UnreadableRun(`there is no run folder ${folder}`, whichRunHint);
  if (!found.isDirectory()) throw new UnreadableRun(`${folder} is not a folder`, whichRunHint);
  await refuseChangedRecord(folder);
  const data = await readJson(folder, runFiles.record);
  const { formatVersion, state } = headOf(folder, data);
  const upgrade = upgradeFrom(formatVersion, runRecordFormat);
  if (upgrade === null)
    throw new UnreadableRun(
      `${folder} is in format ${formatVersion}, which is no longer read`,
      'read it with an older plimsoll',
    );
  const summary = decoded(folder, runFiles.record, () => decodeSummary(upgrade.summary(anyObject.parse(data))));
  switch (state) {
    case 'partial':
      return recoverRun(folder, summary, upgrade);
    case 'complete':
      await checkFiles(folder, summary);
      return {
        ...summary,
        traffic: await readTraffic(folder, summary.traffic, upgrade),
        scrapes: await readScrapes(folder, upgrade, 'whole'),
      };
    default:
      return state satisfies never;
  }
}

const anyObject = z.record(z.string(), z.unknown());
const anyVersion = z.object({ formatVersion: z.int() });
const headShape = z.object({ formatVersion: z.int().positive(), state: z.enum(['partial', 'complete']) });

function headOf(folder: string, data: unknown): { formatVersion: number; state: RunState } {
  const version = anyVersion.safeParse(data).data?.formatVersion ?? 0;
  if (version > runRecordFormat)
    throw new UnreadableRun(
      `${folder} was written in format ${version}, and this plimsoll reads up to ${runRecordFormat}`,
      'read it with the plimsoll that wrote it, or a newer one',
    );
  const head = headShape.safeParse(data);
  if (head.success) return head.data;
  throw new UnreadableRun(`${folder}: ${runFiles.record} is not a run record of plimsoll`, whichRunHint);
}

async function checkFiles(folder: string, summary: RunSummary): Promise<void> {
  const data = await readJson(folder, runFiles.manifest);
  const manifest = decoded(folder, runFiles.manifest, () => decodeManifest(data));
  if (manifest.id !== summary.id)
    throw new UnreadableRun(
      `${folder}: ${runFiles.manifest} belongs to another run, ${oneLine(manifest.id)}`,
      restoreHint,
    );
  await verifyManifest(folder, manifest);
  for (const { content } of summary.profiles)
    if (content.status === 'captured' && manifest.files[content.value.file] === undefined)
      throw new UnreadableRun(`${folder}: ${runFiles.manifest} does not list ${content.value.file}`, restoreHint);
}

async function readTraffic(
  folder: string,
  traffic: RunSummary['traffic'],
  upgrade: UpgradePath,
): Promise<Captured<TrafficMeasurement>> {
  if (traffic.status !== 'captured') return traffic;
  const { cells, counts, health, steps } = await readTrafficLines(folder, upgrade, 'whole');
  const { engine, startedAt, endedAt, complete } = traffic.value;
  return captured({ engine, startedAt, endedAt, cells, counts, health, steps, complete });
}
