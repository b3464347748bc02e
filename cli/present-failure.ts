import { systemCause } from '../model/system-cause.ts';
import { UnitError } from '../model/units.ts';
import { RunFailure } from '../runners/world.ts';
import { UnreadableRun } from '../runners/store/unreadable-run.ts';
import { MisuseError } from '../scenarios/misuse.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** Thrown by commands for flags that make no sense together; one line each. */
export class UsageError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/**
 * The one place that decides what a failure looks like and with which code plimsoll ends: one line per reason, with its
 * hint; a stack trace only for a defect of plimsoll itself.
 */
export function presentFailure(error: unknown): { readonly code: ExitCode; readonly lines: readonly string[] } {
  if (error instanceof MisuseError)
    return {
      code: exitCodes.misuse,
      lines: error.reasons.map(({ where, message, hint }) =>
        line(where === '' ? message : `${where}: ${message}`, hint),
      ),
    };
  if (error instanceof UsageError || error instanceof UnitError || error instanceof UnreadableRun)
    return { code: exitCodes.misuse, lines: [line(error.message, error.hint)] };
  if (error instanceof RunFailure) return { code: exitCodes.runFailed, lines: [line(error.message, error.hint)] };
  const missing = systemFailure(error);
  if (missing !== null) return { code: exitCodes.runFailed, lines: [missing] };
  return {
    code: exitCodes.bug,
    lines: [
      'plimsoll: this is a defect of plimsoll, please report it with the lines below',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ],
  };
}

const line = (message: string, hint: string): string =>
  `plimsoll: ${oneLine(message)}${hint === '' ? '' : ` (${oneLine(hint)})`}`;
const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' | ').trim();

/** What the machine lacks: no disk, no permission, too many open files. */
function systemFailure(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  switch (error.code) {
    case 'ENOSPC':
      return line('the disk is full', 'free some space, or choose another place with --runs DIR');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return line(`not permitted: ${placeOf(error)}`, 'choose another place with --runs DIR or --out DIR');
    case 'EMFILE':
    case 'ENFILE':
      return line('too many open files', 'raise the limit with "ulimit -n", or use fewer connections');
    case 'EADDRINUSE':
      return line(`no free port: ${error.message}`, 'end what holds it, or choose another one');
    default:
      return null;
  }
}

/** `EACCES: permission denied, open '/x'` → `/x: permission denied`. */
function placeOf(error: Error): string {
  const cause = systemCause(error);
  return 'path' in error && typeof error.path === 'string' ? `${error.path}: ${cause}` : cause;
}
