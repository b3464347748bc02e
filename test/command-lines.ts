import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { EndedProgram } from '../fixtures/run-program.ts';

export const commandLineShape = z.object({ args: z.array(z.string()), cwd: z.string() });
const endedShape = z.object({ code: z.number(), out: z.string(), err: z.string() });

const program = fileURLToPath(new URL('command-lines-program.ts', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Many command lines of plimsoll in one process, one after another: most of the time that a command line takes is the
 * start of its process. For what is said about them; what a process does with its streams, signals and its end is tested
 * with `startPlimsoll`. One that ends the process (`--help`) is refused.
 */
export class CommandLines {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #waiting: { readonly done: (ended: EndedProgram) => void; readonly failed: (error: Error) => void }[] = [];
  #child: ChildProcess | null = null;

  /** `environment` is added to that of the tests. */
  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  /** In the folder, by default the repository's root. */
  run(args: readonly string[], cwd: string = root): Promise<EndedProgram> {
    const child = (this.#child ??= this.#start());
    return new Promise((done, failed) => {
      this.#waiting.push({ done, failed });
      child.send({ args, cwd });
    });
  }

  /** To be called when the tests are over. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    child.disconnect();
    await once(child, 'exit');
  }

  #start(): ChildProcess {
    const child = fork(program, [], {
      execArgv: [],
      env: { ...process.env, NO_COLOR: '1', ...this.#environment },
    });
    child.on('message', (message) => this.#waiting.shift()?.done(endedShape.parse(message)));
    child.on('exit', () => {
      for (const { failed } of this.#waiting.splice(0)) failed(new Error('it ended the process of the command lines'));
    });
    return child;
  }
}
