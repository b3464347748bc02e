import { presentFailure } from '../cli/present-failure.ts';
import { runCommandLine } from '../cli/run-command-line.ts';
import type { EndedProgram } from '../fixtures/run-program.ts';
import { commandLineShape } from './command-lines.ts';

/*
 * Command lines of plimsoll, one after another: each message is one, and its answer what its process would have written
 * and ended with. As main.ts, but for the streams.
 */
const never = new AbortController().signal;
const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

async function carryOut(message: unknown): Promise<EndedProgram> {
  const { args, cwd } = commandLineShape.parse(message);
  process.chdir(cwd);
  let [out, err] = ['', ''];
  try {
    const code = await runCommandLine(args, {
      width: 80,
      terminal: ({ quiet, json }) => ({
        colour: false,
        width: 100,
        quiet,
        json,
        out: (text) => (out += ended(text)),
        note: (text) => (err += ended(text)),
      }),
      interrupted: never,
      measuringInto: () => undefined,
    });
    return { code, out, err };
  } catch (error) {
    const { code, lines } = presentFailure(error);
    return { code, out, err: err + lines.map(ended).join('') };
  }
}

let before: Promise<unknown> = Promise.resolve();
process.on('message', (message) => {
  before = before.then(async () => process.send?.(await carryOut(message)));
});
