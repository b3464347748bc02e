import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RunRecord } from '../../model/run-record.ts';
import type { LoadView } from '../../runners/load-watch.ts';
import { ownProgram } from '../../runners/package-root.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { RunFailure, type World, interruptionText } from '../../runners/world.ts';
import { type TrialJob, trialMessage } from './trial-protocol.ts';

export interface TrialSurroundings {
  readonly world: World;
  readonly onFolder: (path: string) => void;
  readonly onView: (view: LoadView) => void;
}

/**
 * Makes one run in a process of its own (trial-program.ts says why) and reads its record.
 * @throws RunFailure where there is no record
 */
export async function conductTrial(
  job: TrialJob,
  { world, onFolder, onView }: TrialSurroundings,
): Promise<{ readonly record: RunRecord; readonly folder: string }> {
  // In a group of its own, so that Ctrl-C reaches the search or sweep alone, which then tells it to stop.
  const child = world.spawn(process.execPath, [ownProgram('cli/trial/trial-program.ts')], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...world.environment },
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new TypeError('the trial has no pipes');
  stdin.on('error', () => {}); // it ended: its exit says so
  const exited = once(child, 'close');
  stdin.write(`${JSON.stringify(job)}\n`);
  const stop = (): void => {
    if (stdin.writable) stdin.end(`${interruptionText(world)}\n`);
  };
  if (world.interrupted.aborted) stop();
  world.interrupted.addEventListener('abort', stop, { once: true });
  let folder: string | null = null;
  let failure: RunFailure | null = null;
  try {
    for await (const line of createInterface({ input: stdout, crlfDelay: Infinity })) {
      const message = trialMessage.parse(JSON.parse(line));
      switch (message.kind) {
        case 'say':
          world.say(message.message);
          break;
        case 'folder':
          onFolder(message.path);
          break;
        case 'view':
          onView(message.view);
          break;
        case 'done':
          ({ folder } = message);
          break;
        case 'failed':
          failure = new RunFailure(message.phase, message.message, message.hint);
          break;
        default:
          message satisfies never;
      }
    }
    await exited;
  } finally {
    world.interrupted.removeEventListener('abort', stop);
    stdin.end();
  }
  if (folder !== null) return { record: await loadRun(folder), folder };
  throw (
    failure ??
    new RunFailure(
      'load',
      `a trial's process ended without a record: exit code ${String(child.exitCode)}`,
      'start it again with --resume',
    )
  );
}
