import { ownProgram } from '../../package-root.ts';
import type { LoadGenerator } from '../port.ts';

/** Our own open-loop schedule over autocannon's HTTP/1.1 client, in a process of its own. */
export const autocannonEngine: LoadGenerator = {
  name: 'autocannon',
  command: (jobFile) => ({
    file: process.execPath,
    args: [ownProgram('runners/generators/autocannon/main.ts'), jobFile],
    environment: {},
  }),
};
