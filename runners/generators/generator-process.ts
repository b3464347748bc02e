import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Milliseconds, seconds } from '../../model/units.ts';
import { RunFailure, type World } from '../world.ts';
import { type GeneratorCommand, type GeneratorLine, type LoadGenerator, decodeGeneratorLine } from './port.ts';

/** A generator at work: its lines as they come, and the two things it can be told. */
export interface GeneratorProcess {
  readonly processId: number;
  /** Decoded lines with their text; ends when the process closed its output. */
  readonly lines: AsyncIterable<{ readonly line: GeneratorLine; readonly text: string }>;
  send(command: GeneratorCommand): void;
  /** Ends it now; what it had not yet written is lost. */
  kill(): void;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** The last line it wrote on standard error, for the one who asks why it ended; '' without. */
  lastWords(): string;
}

/** How long an engine may take to be ready: start, own warm-up, connections. */
export const readyDeadline: Milliseconds = seconds(60);

/**
 * Starts the engine's process on its own processors. Its messages go to `log`. In a process group of its own, so that
 * Ctrl-C in a terminal reaches plimsoll alone, which then tells it to stop; it ends by itself when its standard input
 * closes, so it never outlives plimsoll.
 */
export function startGenerator(
  world: World,
  engine: LoadGenerator,
  jobFile: string,
  options: {
    readonly processors: string | null;
    readonly secrets: Readonly<Record<string, string>>;
    /** Takes what the engine says of itself on standard error. */
    readonly log: { write(chunk: Uint8Array): void; end(): void };
  },
): GeneratorProcess {
  const { file, args, environment, directory } = engine.command(jobFile);
  const pinned = options.processors === null ? [file, ...args] : ['taskset', '-c', options.processors, file, ...args];
  const [program = file, ...rest] = pinned;
  const child = world.spawn(program, rest, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...world.environment, ...environment, ...options.secrets },
    ...(directory === undefined ? {} : { cwd: directory }),
  });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('the generator has no pipes');
  let said = '';
  stderr.on('data', (chunk: Uint8Array) => {
    options.log.write(chunk);
    said = (said + Buffer.from(chunk).toString('utf8')).slice(-longestWords);
  });
  stderr.on('end', () => options.log.end());
  // Writing to an engine that died is not an error of its own: its exit says so.
  stdin.on('error', (error) => options.log.write(Buffer.from(`standard input: ${error.message}\n`)));
  const failedToStart = once(child, 'error').then(([error]: unknown[]) => {
    throw new RunFailure(
      'generator',
      `cannot start ${program}: ${String(error)}`,
      'run "plimsoll doctor" to see what is missing',
    );
  });
  const exited = Promise.race([
    once(child, 'close').then(([code, signal]: unknown[]) => ({
      code: typeof code === 'number' ? code : null,
      signal: typeof signal === 'string' ? signal : null,
    })),
    failedToStart,
  ]);
  // Asked for at once: of an engine that ended before somebody waits for its lines, the end would never be told.
  const texts = createInterface({ input: stdout, crlfDelay: Infinity })[Symbol.asyncIterator]();
  return {
    processId: child.pid ?? 0,
    lines: decodedLines(texts),
    send: (command) => {
      if (stdin.writable) stdin.write(`${JSON.stringify(command)}\n`);
    },
    kill: () => child.kill('SIGKILL'),
    exited,
    lastWords: () => lastLineOf(said),
  };
}

const longestWords = 4000;
/** One of k6's messages. */
const message = z.object({ msg: z.string() });

function lastLineOf(text: string): string {
  const last = text.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return last;
  try {
    return message.parse(JSON.parse(last)).msg.split('\n', 1)[0] ?? '';
  } catch {
    return last; // cut, or of another kind
  }
}

async function* decodedLines(input: AsyncIterableIterator<string>): GeneratorProcess['lines'] {
  for await (const text of input) {
    if (text.trim() === '') continue;
    let line: GeneratorLine;
    try {
      line = decodeGeneratorLine(text);
    } catch (error) {
      throw new RunFailure(
        'generator',
        `the load generator wrote a line that is not of its protocol: ${text.slice(0, 120)}`,
        `this is a defect of the engine (${error instanceof Error ? error.message.slice(0, 200) : ''}); its messages are in generator.log`,
      );
    }
    yield { line, text };
  }
}
