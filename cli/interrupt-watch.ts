import { relative } from 'node:path';
import { Interruption } from '../runners/world.ts';
import { exitCodes } from './exit-codes.ts';

/** How often to look whether the launcher that started us still lives. */
const launcherCheckMs = 500;

/**
 * What the user's wish to end means: the first Ctrl-C (or SIGTERM, or the end of the launcher) asks for a clean stop
 * that keeps what was measured, the second ends everything now.
 */
export class InterruptWatch {
  readonly #controller = new AbortController();
  readonly #seen = new Set<string>();
  #runFolder: string | null = null;

  constructor() {
    process.on('SIGINT', () =>
      this.#interrupt('SIGINT', 'interrupted by the user', 'press Ctrl-C again to end at once'),
    );
    process.on('SIGTERM', () => this.#interrupt('SIGTERM', 'ended by SIGTERM', 'send SIGTERM again to end at once'));
    process.on('SIGHUP', () => this.#interrupt('SIGHUP', 'the terminal was closed', 'the terminal is gone'));
    const launcher = Number(process.env['PLIMSOLL_LAUNCHER'] ?? 0);
    if (launcher > 0 && launcher === process.ppid) {
      const watch = setInterval(() => {
        if (process.ppid === launcher) return;
        clearInterval(watch);
        this.#interrupt('launcher', 'the process that started plimsoll ended', 'the process that started it is gone');
      }, launcherCheckMs);
      watch.unref();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Where measurements go now, to be named if the user does not wait for the run's end; null: nowhere any more. */
  measuringInto(runFolder: string | null): void {
    this.#runFolder = runFolder;
  }

  /** Only the same wish twice is a second one: one Ctrl-C can reach us as SIGINT and as the end of npm. */
  #interrupt(wish: string, reason: string, what: string): void {
    if (this.#seen.has(wish)) {
      process.stderr.write(`\nplimsoll: ${endedAtOnce(this.#runFolder)}\n`);
      process.exit(exitCodes.interrupted);
    }
    this.#seen.add(wish);
    if (this.#controller.signal.aborted) return;
    process.stderr.write(`\nplimsoll: stopping, what was measured is kept (${what})\n`);
    this.#controller.abort(new Interruption(reason));
  }
}

function endedAtOnce(runFolder: string | null): string {
  if (runFolder === null) return 'ended at once';
  const place = relative(process.cwd(), runFolder);
  return `ended at once; what was on disk by then is in ${place} ("plimsoll analyze ${place}" reads it)`;
}
