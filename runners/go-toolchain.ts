import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../model/message-of.ts';
import { runGuarded } from './run-guarded.ts';
import { RunFailure } from './world.ts';

const run = promisify(execFile);

const oldest = [1, 26] as const;
const install = 'install Go from https://go.dev/dl/ and run the same command again';

/** "go1.26.8" → [1, 26]; development builds ("devel go1.28-abc") too; null where the text names no version. */
export function parseGoVersion(text: string): readonly [number, number] | null {
  const match = /go(\d+)\.(\d+)/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/**
 * The version of the Go on PATH, such as "go1.26.8".
 * @throws RunFailure where there is none, or one that is too old
 */
export async function checkGo({
  environment = process.env,
  phase = 'target',
}: BuildSurroundings = {}): Promise<string> {
  const needed = `plimsoll needs Go ${oldest.join('.')} or newer`;
  const answer = await run('go', ['env', 'GOVERSION'], {
    // Outside any module, whose toolchain line could make go look for another version.
    cwd: '/',
    env: { ...environment, GOTOOLCHAIN: 'local' },
  }).catch((error: unknown) => {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = absent ? 'there is no "go" on PATH' : `"go env GOVERSION" failed: ${lastWords(error)}`;
    throw new RunFailure(phase, `${needed}, but ${why}`, install);
  });
  const text = answer.stdout.trim();
  const found = parseGoVersion(text);
  if (found === null) throw new RunFailure(phase, `${needed}, but "go env GOVERSION" says "${text}"`, install);
  const [major, minor] = found;
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    throw new RunFailure(phase, `${needed}, but the "go" on PATH is ${text}`, install);
  return text;
}

export interface GoProgram {
  /** Folder inside the module. */
  readonly directory: string;
  /** The main package, from there. Default: the folder itself. */
  readonly packagePath?: string;
  /** File that the program is written to. */
  readonly output: string;
  /** Without what debuggers need: a fifth smaller. Stack traces keep their lines. */
  readonly stripped?: boolean;
}

export interface BuildSurroundings {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends the build early. */
  readonly interrupted?: AbortSignal;
  /** What a run has failed in where the program can't be built. Default: target. */
  readonly phase?: RunFailure['phase'];
}

/** How much of what the compiler says is shown. */
const mostLines = 12;

/**
 * Builds a Go program with the modules that its go.sum names and the toolchain that is there. The build ends with
 * plimsoll, however that ends. @throws RunFailure with the compiler's first lines
 */
export async function buildGoProgram(program: GoProgram, surroundings: BuildSurroundings = {}): Promise<void> {
  const { directory, packagePath = '.', output, stripped = false } = program;
  const { environment = process.env, interrupted, phase = 'target' } = surroundings;
  const linker = stripped ? ['-ldflags=-s -w'] : [];
  const result = await runGuarded(
    ['go', 'build', '-mod=readonly', '-trimpath', '-buildvcs=false', ...linker, '-o', output, packagePath],
    {
      workingDirectory: directory,
      environment: { ...environment, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
      ...(interrupted === undefined ? {} : { interrupted }),
    },
  );
  if (interrupted?.aborted === true) throw new RunFailure(phase, 'interrupted while building', '');
  if (result.code === 0) return;
  const said = result.errors.split('\n').filter((line) => line.trim() !== '');
  const shown = said
    .slice(0, mostLines)
    .concat(said.length > mostLines ? [`… ${said.length - mostLines} more lines`] : []);
  throw new RunFailure(
    phase,
    ['go build failed:', ...shown].join('\n'),
    /dial tcp|lookup .* no such host|proxyconnect|i\/o timeout/.test(result.errors)
      ? 'the modules it needs could not be downloaded: check the network or GOPROXY'
      : `look at it with "go build ./..." in ${directory}`,
  );
}

function lastWords(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return said.trim().split('\n').at(-1) || messageOf(error);
}
