import type { Command } from '../command.ts';
import { carryOutRun } from '../carry-out-run.ts';
import { exitCodeOf } from '../exit-code-of.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { planFromArguments } from '../plan-from-arguments.ts';
import { makeWritable } from '../make-writable.ts';
import { presentRun } from '../present-run.ts';
import { type RunFlagValues, withRunFlags } from '../run-flags.ts';

type Flags = RunFlagValues & { readonly scenario: string; readonly out: string | undefined; readonly open: boolean };

export const runCommand: Command<Flags> = {
  examples: [
    ['run http://127.0.0.1:8080/menu --rate 200', 'hold 200/s for 20 s'],
    [
      "run http://127.0.0.1:8080/menu --rate 200 --to 2000 --step 200 --objective 'p99<200ms'",
      'a stair that finds where p99 gives way',
    ],
    [
      'run http://127.0.0.1:8080/menu --rate 200 --metrics http://127.0.0.1:8080/metrics --pprof http://127.0.0.1:6060/debug/pprof',
      'with the Go side',
    ],
    ['run http://127.0.0.1:8080/menu --rate 200 --postgres env:DATABASE_URL', 'with the database behind the service'],
    ['run orders.ts', 'a scenario file'],
    ['run visit.k6.ts --target http://127.0.0.1:8080 --rate 20', 'a k6 script, each iteration of it one due time'],
  ],
  flags: (yargs) =>
    withRunFlags(yargs)
      .positional('scenario', { type: 'string', demandOption: true, describe: 'scenario file or URL' })
      .option('out', { type: 'string', describe: 'folder for a copy of report.html and analysis.json' })
      .option('open', { type: 'boolean', default: false, describe: 'open the report in a browser' }),
  check: ({ scenario, ...flags }, { seed }) => planFromArguments(scenario, flags, seed),
  run: async (flags, context) => {
    const planned = await planFromArguments(flags.scenario, flags, context.seed);
    if (flags.out !== undefined) await makeWritable(flags.out);
    const done = await carryOutRun(planned, context, 'run');
    await presentRun(done, context, 'run', flags.out ?? null);
    if (flags.open) openInBrowser(done.reportFile);
    return exitCodeOf(done.analysis);
  },
};
