import type { ProcessorPlan } from '../../model/plan.ts';
import { processorSetsHere } from '../../runners/target/processor-sets.ts';
import { ownProgram } from '../../runners/package-root.ts';
import { buildGroupBuy, groupBuyTarget } from '../../fixtures/services/group-buy-service.ts';
import { buildService } from '../../fixtures/services/build-service.ts';
import { startDownstream } from '../../fixtures/services/downstream-service.ts';
import { checkDatabase, openDatabase } from '../../fixtures/services/embedded-postgres.ts';
import { shortLoad } from '../../scenarios/catalog/demo.ts';
import { loadScenarioFile } from '../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../scenarios/misuse.ts';
import type { Command, CommandContext } from '../command.ts';
import { carryOutRun } from '../carry-out-run.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { PlannedRun } from '../plan-from-arguments.ts';
import { planOnThisMachine } from '../plan-on-this-machine.ts';
import { presentRun } from '../present-run.ts';

interface Flags {
  readonly short: boolean;
}

/** Eight connections, each held 12 ms by a request that needs the database: the limit that the demo finds. */
const smallPool = { DB_POOL: '8', DB_HOLD: '12ms', GOMAXPROCS: '1' };

/** What a database of the user's own is given by. */
const databaseVariable = 'DATABASE_URL';

export const demoCommand: Command<Flags> = {
  examples: [
    ['demo', 'three minutes at most after set-up'],
    ['demo --short', 'one minute'],
  ],
  flags: (yargs) => yargs.option('short', { type: 'boolean', default: false, describe: 'the same path in a minute' }),
  run: async ({ short }, context): Promise<ExitCode> => {
    const { terminal, interrupted } = context;
    const say = (message: string): void => {
      if (!terminal.quiet) terminal.note(message);
    };
    const processors = await processorSetsHere(true);
    // Before a minute of building.
    checkDatabase();
    const binary = await buildGroupBuy(say, { interrupted });
    const stub = await buildService('downstream', say, { interrupted });
    const database = await openDatabase({ say, processors: processors.target });
    try {
      const downstream = await startDownstream({ binary: stub, processors: processors.target });
      try {
        if (interrupted.aborted) return exitCodes.interrupted;
        const target = groupBuyTarget({ binary, database, downstreamUrl: downstream.url, knobs: smallPool });
        const planned = await planDemo(target, { [databaseVariable]: database.url }, processors, short, context);
        return await runDemo(planned, context);
      } finally {
        await downstream.stop();
      }
    } finally {
      await database.stop();
    }
  },
};

async function planDemo(
  target: ReturnType<typeof groupBuyTarget>,
  secrets: PlannedRun['secrets'],
  processors: ProcessorPlan,
  short: boolean,
  { seed }: CommandContext,
): Promise<PlannedRun> {
  const loaded = await loadScenarioFile(ownProgram('scenarios/catalog/demo.ts'));
  const scenario = {
    ...loaded.scenario,
    target,
    collect: { ...loaded.scenario.collect, postgres: `env:${databaseVariable}` },
    ...(short ? { load: shortLoad } : {}),
    ...(seed === null ? {} : { seed }),
  };
  const planned = await planOnThisMachine(scenario, { ...loaded, secrets }, processors);
  if (!planned.ok) throw new MisuseError(planned.reasons);
  return { plan: planned.plan, requestsModule: loaded.requestsModule, secrets, k6Binary: null };
}

/** The demo is about the path: it is done when a run was measured and reported, whatever its verdict. */
async function runDemo(planned: PlannedRun, context: CommandContext): Promise<ExitCode> {
  const done = await carryOutRun(planned, context, 'demo');
  await presentRun(done, context, 'demo', null);
  const { outcome } = done.record;
  if (outcome.status === 'completed') return exitCodes.done;
  return outcome.status === 'aborted' && outcome.code === 'interrupted' ? exitCodes.interrupted : exitCodes.runFailed;
}
