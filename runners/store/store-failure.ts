import { systemCause } from '../../model/system-cause.ts';
import { RunFailure } from '../world.ts';

/** What could not be written, and why; `disk-full` is the one the abort rules name. */
export class StoreFailure extends RunFailure {
  readonly code: 'disk-full' | 'not-written';
  constructor(code: StoreFailure['code'], message: string, hint: string) {
    super('store', message, hint);
    this.name = 'StoreFailure';
    this.code = code;
  }
}

/** From whatever a file operation on `place` threw. */
export function storeFailure(error: unknown, place: string): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreFailure(
        'disk-full',
        `the disk is full: ${place} could not be written`,
        'free some space, or choose another place with --runs DIR; what was written until then is kept',
      );
    case 'EACCES':
    case 'EPERM':
      return new StoreFailure('not-written', `not permitted to write ${place}`, 'choose another place with --runs DIR');
    case 'EROFS':
      return new StoreFailure(
        'not-written',
        `${place} is on a file system that can only be read`,
        'choose another place with --runs DIR',
      );
    case 'EMFILE':
    case 'ENFILE':
      return new StoreFailure(
        'not-written',
        `too many open files to write ${place}`,
        'raise the limit with "ulimit -n", or use fewer connections',
      );
    default:
      return new StoreFailure(
        'not-written',
        `${place} could not be written: ${systemCause(error)}`,
        'choose another place with --runs DIR',
      );
  }
}
