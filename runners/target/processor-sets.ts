import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { messageOf } from '../../model/message-of.ts';
import type { ProcessorPlan } from '../../model/plan.ts';

/** `0,2-4` → [0, 2, 3, 4]: the notation of taskset, cpusets and /proc. Null where the text is none. */
export function parseProcessorSet(text: string): readonly number[] | null {
  const processors = new Set<number>();
  for (const part of text.trim().split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) return null;
    for (let processor = first; processor <= last; processor++) processors.add(processor);
  }
  return [...processors].toSorted((a, b) => a - b);
}

/** [0, 2, 3, 4] → `0,2-4`. */
export function formatProcessorSet(processors: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const processor of [...new Set(processors)].toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === processor - 1) run[1] = processor;
    else runs.push([processor, processor]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

/**
 * Which processors generator and target get when the user said nothing: the generator the first, the target the rest,
 * so that neither takes the other's time. Not pinned where the target runs elsewhere or there is one processor only.
 */
export function defaultProcessorSets(allowed: readonly number[], targetIsLocal: boolean): ProcessorPlan {
  const [first, ...rest] = [...new Set(allowed)].toSorted((a, b) => a - b);
  if (!targetIsLocal || first === undefined || rest.length === 0) return { generator: null, target: null };
  return { generator: String(first), target: formatProcessorSet(rest) };
}

/** The processors this process may run on, which may be fewer than the machine has. */
export async function allowedProcessors(): Promise<readonly number[]> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const list = parseProcessorSet(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
  return list ?? Array.from({ length: availableParallelism() }, (_, index) => index);
}

const run = promisify(execFile);

/** Whether `taskset` is on the path; without it nothing is pinned, and that is said. */
export async function canPin(): Promise<boolean> {
  return run('taskset', ['--version']).then(
    () => true,
    () => false,
  );
}

/** The default sets of this machine; nobody is pinned where `taskset` is missing. */
export async function processorSetsHere(targetIsLocal: boolean): Promise<ProcessorPlan> {
  return (await canPin())
    ? defaultProcessorSets(await allowedProcessors(), targetIsLocal)
    : { generator: null, target: null };
}

/** The command with its processors in front; `taskset` becomes the command, so the process id stays its own. */
export function pinnedCommand(
  command: readonly [string, ...string[]],
  processors: string,
): readonly [string, ...string[]] {
  return ['taskset', '-c', processors, ...command];
}

/** Moves plimsoll's own process, with all its threads and later children; null where that worked, else why not. */
export async function pinOwnProcess(processors: string): Promise<string | null> {
  return run('taskset', ['-a', '-c', '-p', processors, String(process.pid)]).then(
    () => null,
    (error: unknown) => `not pinned to processors ${processors}: ${messageOf(error)}`,
  );
}
