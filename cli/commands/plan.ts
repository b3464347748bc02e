import { composePlan } from '../../reports/compose/compose-plan.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { planFromArguments } from '../plan-from-arguments.ts';
import { printFigures } from '../print-figures.ts';
import { type RunFlagValues, withRunFlags } from '../run-flags.ts';

type Flags = RunFlagValues & { readonly scenario: string };

export const planCommand: Command<Flags> = {
  examples: [
    ['plan orders.ts', 'what the scenario would do'],
    ['plan http://127.0.0.1:8080/ --rate 100 --to 1000 --step 100', 'what the flags mean'],
  ],
  flags: (yargs) =>
    withRunFlags(yargs).positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'scenario file or URL',
    }),
  check: ({ scenario, ...flags }, { seed }) => planFromArguments(scenario, flags, seed),
  run: async (flags, { terminal, seed }) => {
    const { plan } = await planFromArguments(flags.scenario, flags, seed);
    printFigures(terminal, 'plimsoll/plan/1', plan, composePlan);
    return exitCodes.done;
  },
};
