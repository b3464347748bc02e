import { readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/**
 * Lets everybody else go first on the processors this process may use. On Linux a priority belongs to a thread, and what
 * this process starts later inherits it: those that collect garbage, compress and read files are lowered one by one.
 * @returns the way back, for when what follows has no reason to wait for others. It needs privileges: without them all
 *   stays as it is.
 */
export function lowerOwnPriority(): () => void {
  const before = getPriority();
  setOwnPriority(constants.priority.PRIORITY_LOW);
  return () => {
    try {
      setOwnPriority(before);
    } catch (error) {
      if (!isError(error, constants.errno.EACCES) && !isError(error, constants.errno.EPERM)) throw error;
    }
  };
}

function setOwnPriority(priority: number): void {
  for (const thread of process.platform === 'linux' ? ownThreads() : [0]) {
    try {
      setPriority(thread, priority);
    } catch (error) {
      // A thread that ended in between needs no priority.
      if (!isError(error, constants.errno.ESRCH)) throw error;
    }
  }
}

const ownThreads = (): readonly number[] => readdirSync('/proc/self/task').map(Number);
const isError = (error: unknown, number: number): boolean =>
  error instanceof Error && 'errno' in error && error.errno === -number;
