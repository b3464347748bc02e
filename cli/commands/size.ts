import { misuse } from '../../scenarios/misuse.ts';
import { nearestName } from '../../scenarios/nearest-name.ts';
import { type AnyCommand, anyCommand } from '../any-command.ts';
import type { Example } from '../command.ts';

/** What can be sized: one file each in this folder's `size/`, loaded only when it is asked for. */
interface Sizing {
  readonly describe: string;
  readonly example: Example;
  readonly load: () => Promise<AnyCommand>;
}

const sizings: Readonly<Record<string, Sizing>> = {
  pool: {
    describe: 'connections of a pool, so that an acquisition hardly ever waits too long',
    example: ["size pool --arrival-rate 500/s --hold-time 10ms --wait-objective 'p99<5ms'", 'connections of a pool'],
    load: async () => anyCommand((await import('./size/pool.ts')).sizePool),
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

/** The command of the sizing that the arguments name; its flags are its own, so each `size` verb has its own help. */
export async function sizeCommand(args: readonly string[]): Promise<AnyCommand> {
  const names = Object.keys(sizings);
  const words = args.slice(args.indexOf('size') + 1).filter((word) => !word.startsWith('-'));
  const asked = words.find((word) => names.includes(word)) ?? words[0] ?? null;
  const list = names.map((name) => `${name}: ${sizings[name]?.describe ?? ''}`).join('; ');
  const near = asked === null || names.includes(asked) ? asked : nearestName(asked, names);
  // Of a name that is nearly right the flags are looked at too: all that is wrong is said at once.
  const known = near === null ? null : ((await sizings[near]?.load()) ?? null);
  const refuse = async (): Promise<never> => {
    throw misuse(
      'size',
      `"${asked ?? ''}" is nothing that can be sized`,
      near === null ? `one of ${names.join(', ')}` : `did you mean ${near}?`,
    );
  };
  const right = known !== null && near === asked;
  return {
    examples: known?.examples ?? Object.values(sizings).map(({ example }) => example),
    flags: (yargs) =>
      (known?.flags(yargs) ?? yargs).positional('what', { type: 'string', demandOption: true, describe: list }),
    run: right ? known.run : refuse,
    check: right ? known.check : refuse,
  };
}
