import type { WriteStream } from 'node:tty';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  readonly colour: boolean;
  readonly width: number;
  readonly quiet: boolean;
  readonly json: boolean;
  /** The result; ends with a line feed. */
  out(text: string): void;
  /** Progress and messages. */
  note(text: string): void;
}

export function processTerminal(options: { color: boolean; quiet: boolean; json: boolean }): Terminal {
  const { stdout, stderr } = process;
  return {
    colour: options.color && isTerminal(stdout) && (process.env['NO_COLOR'] ?? '') === '',
    width: isTerminal(stdout) ? stdout.columns : 100,
    quiet: options.quiet,
    json: options.json,
    out: (text) => stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    note: (text) => stderr.write(text.endsWith('\n') ? text : `${text}\n`),
  };
}

function isTerminal(stream: NodeJS.WriteStream): stream is WriteStream & NodeJS.WriteStream {
  return stream.isTTY;
}
