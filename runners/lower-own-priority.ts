import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets everybody else go first on the processors this process may use. On Linux a priority belongs to a thread, and what
 * this process starts later inherits it: those that collect garbage, compress and read files are lowered one by one.
 * The way back needs privileges.
 */
export function lowerOwnPriority(): void {
  for (const thread of process.platform === 'linux' ? ownThreads() : [0]) {
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW);
    } catch (error) {
      // A thread that ended in between needs no priority.
      if (!(error instanceof Error && 'errno' in error && error.errno === -constants.errno.ESRCH)) throw error;
    }
  }
}

const ownThreads = (): readonly number[] => readdirSync('/proc/self/task').map(Number);
