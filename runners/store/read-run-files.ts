import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GeneratorHealth, Scrape, StepCell, TrafficCell, TrafficCount } from '../../model/measurements.ts';
import { type EpochMilliseconds, epochMilliseconds, mebibytes } from '../../model/units.ts';
import { type GeneratorLine, decodeGeneratorLine } from '../generators/port.ts';
import { readGzipLines } from './gzip-lines.ts';
import { runFiles } from './run-folder-files.ts';
import { decodeScrape } from './run-record-shape.ts';
import { UnreadableRun } from './unreadable-run.ts';
import type { UpgradePath } from './upgrades.ts';

export const restoreHint = 'restore the folder from where it came from, or run again';
export const whichRunHint = 'give a run: its id, its folder, or "last"';

/** Far more than a record without its bulk ever has. */
const largestJson = mebibytes(256);

/** @throws UnreadableRun where the file is missing or no JSON */
export async function readJson(folder: string, name: string): Promise<unknown> {
  const file = join(folder, name);
  const found = await lstat(file).catch(() => null);
  if (found === null)
    throw name === runFiles.record
      ? new UnreadableRun(`${folder} holds no ${name}: it is not a run of plimsoll`, whichRunHint)
      : new UnreadableRun(`${folder}: ${name} is missing`, restoreHint);
  if (!found.isFile() || found.size > largestJson)
    throw new UnreadableRun(`${folder}: ${name} is not a file of plimsoll`, restoreHint);
  const text = await readFile(file, 'utf8');
  return decoded(folder, name, (): unknown => JSON.parse(text));
}

const reasonsShown = 12;

/** Runs a decoder; everything it objects to becomes one line that names the file. @throws UnreadableRun */
export function decoded<T>(folder: string, name: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UnreadableRun(`${folder}: ${name} is not JSON: ${oneLine(error.message)}`, restoreHint);
    if (!(error instanceof z.ZodError)) throw error;
    const reasons = error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message}`);
    const more = reasons.length > reasonsShown ? ` and ${reasons.length - reasonsShown} more` : '';
    const shown = oneLine(reasons.slice(0, reasonsShown).join('; '));
    throw new UnreadableRun(`${folder}: ${name} is not as it should be: ${shown}${more}`, restoreHint);
  }
}

const longestReason = 1_500;
export const oneLine = (text: string): string => text.replaceAll(/\s*[\n\r]\s*/g, ' ').slice(0, longestReason);

/** Complete folders must be whole; of partial ones the part before the first damage is taken. */
export type Completeness = 'whole' | 'what-is-there';

async function* decodedLines<T>(
  folder: string,
  name: string,
  completeness: Completeness,
  decode: (text: string) => T,
): AsyncGenerator<T> {
  const partial = completeness === 'what-is-there';
  if (partial && (await lstat(join(folder, name)).catch(() => null)) === null) return;
  let number = 0;
  for await (const line of readGzipLines(join(folder, name), partial)) {
    number++;
    let value: T;
    try {
      value = decoded(folder, `line ${number} of ${name}`, () => decode(line));
    } catch (error) {
      if (partial && error instanceof UnreadableRun) return;
      throw error;
    }
    yield value;
  }
}

export async function readScrapes(
  folder: string,
  upgrade: UpgradePath,
  completeness: Completeness,
): Promise<readonly Scrape[]> {
  const scrapes: Scrape[] = [];
  const decode = (text: string): Scrape => decodeScrape(upgrade.scrape(JSON.parse(text)));
  for await (const scrape of decodedLines(folder, runFiles.metrics, completeness, decode)) scrapes.push(scrape);
  return scrapes;
}

/** The generator's lines, gathered; null for what no line said. */
export interface TrafficLines {
  readonly cells: readonly TrafficCell[];
  readonly counts: readonly TrafficCount[];
  readonly health: readonly GeneratorHealth[];
  readonly steps: readonly StepCell[];
  readonly engine: Extract<GeneratorLine, { kind: 'ready' }>['engine'] | null;
  readonly startedAt: EpochMilliseconds | null;
  readonly endedAt: EpochMilliseconds | null;
}

export async function readTrafficLines(
  folder: string,
  upgrade: UpgradePath,
  completeness: Completeness,
): Promise<TrafficLines> {
  const cells: TrafficCell[] = [];
  const counts: TrafficCount[] = [];
  const health: GeneratorHealth[] = [];
  const steps: StepCell[] = [];
  let engine: TrafficLines['engine'] = null;
  let startedAt: TrafficLines['startedAt'] = null;
  let endedAt: TrafficLines['endedAt'] = null;
  const decode = (text: string): GeneratorLine => decodeGeneratorLine(upgrade.trafficLine(text));
  for await (const line of decodedLines(folder, runFiles.traffic, completeness, decode))
    switch (line.kind) {
      case 'ready':
        ({ engine } = line);
        break;
      case 'started':
        startedAt = epochMilliseconds(line.startedAt);
        break;
      case 'second':
        for (const cell of line.cells) cells.push(cell);
        for (const count of line.counts) counts.push(count);
        health.push(line.health);
        for (const step of line.steps ?? []) steps.push(step);
        break;
      case 'finished':
        endedAt = epochMilliseconds(line.endedAt);
        break;
      case 'failed':
        break;
      default:
        line satisfies never;
    }
  return { cells, counts, health, steps, engine, startedAt, endedAt };
}
