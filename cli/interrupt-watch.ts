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

  constructor() {
    process.on('SIGINT', () => this.#interrupt('SIGINT', 'press Ctrl-C again to end at once'));
    process.on('SIGTERM', () => this.#interrupt('SIGTERM', 'send SIGTERM again to end at once'));
    process.on('SIGHUP', () => this.#interrupt('SIGHUP', 'the terminal is gone'));
    const launcher = Number(process.env['PLIMSOLL_LAUNCHER'] ?? 0);
    if (launcher > 0 && launcher === process.ppid) {
      const watch = setInterval(() => {
        if (process.ppid === launcher) return;
        clearInterval(watch);
        this.#interrupt('launcher', 'the launcher is gone');
      }, launcherCheckMs);
      watch.unref();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Only the same wish twice is a second one: one Ctrl-C can reach us as SIGINT and as the end of npm. */
  #interrupt(wish: string, what: string): void {
    if (this.#seen.has(wish)) process.exit(exitCodes.interrupted);
    this.#seen.add(wish);
    if (this.#controller.signal.aborted) return;
    // The reader of standard error may be the very thing that is gone.
    process.stderr.once('error', () => undefined);
    process.stderr.write(`\nplimsoll: stopping, what was measured is kept (${what})\n`);
    this.#controller.abort();
  }
}
