import { type AnyCommand, anyCommand } from '../any-command.ts';
import { type SubVerb, subVerbCommand } from '../sub-verbs.ts';

/** What can be sized: one file each in this folder's `size/`. */
const sizings: Readonly<Record<string, SubVerb>> = {
  pool: {
    describe: 'connections of a pool, so that an acquisition hardly ever waits too long',
    example: ["size pool --arrival-rate 500/s --hold-time 10ms --wait-objective 'p99<5ms'", 'connections of a pool'],
    load: async () => anyCommand((await import('./size/pool.ts')).sizePool),
  },
  gc: {
    describe: 'GOGC and GOMEMLIMIT for a container, from runs at two settings of GOGC',
    example: [
      'size gc --run at-100 --run at-200 --memory-limit 512MiB --rate 800/s',
      'GOGC and GOMEMLIMIT for a container',
    ],
    load: async () => anyCommand((await import('./size/gc.ts')).sizeGc),
  },
  client: {
    describe: 'connections, idle times and the timeout of an HTTP client, from rate and times of its calls',
    example: [
      "size client --arrival-rate 200/s --call-time 30ms --wait-objective 'p99<5ms'",
      'connections of an HTTP client',
    ],
    load: async () => anyCommand((await import('./size/client.ts')).sizeClient),
  },
  workers: {
    describe: 'workers of a bounded concurrency, such as goroutines behind a channel',
    example: [
      "size workers --arrival-rate 200/s --service-time 40ms --wait-objective 'p99<50ms'",
      'goroutines behind a channel',
    ],
    load: async () => anyCommand((await import('./size/workers.ts')).sizeWorkers),
  },
  replicas: {
    describe: 'instances for a forecast, with zones that may fail and rolling updates',
    example: ['size replicas --capacity 900/s --forecast 12000/s', 'instances for a forecast'],
    load: async () => anyCommand((await import('./size/replicas.ts')).sizeReplicas),
  },
};

export const sizeCommand = (args: readonly string[]): Promise<AnyCommand> =>
  subVerbCommand('size', sizings, 'is nothing that can be sized', args);
