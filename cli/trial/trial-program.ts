import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { conductRun } from '../../runners/conduct-run.ts';
import { decodePlan } from '../../runners/store/plan-shape.ts';
import { Interruption, RunFailure, realWorld } from '../../runners/world.ts';
import { engineForPlan } from '../engine-for-plan.ts';
import { exitCodes } from '../exit-codes.ts';
import { type TrialMessage, trialJob } from './trial-protocol.ts';

/*
 * One run of a search or a sweep in a process of its own: while load runs a process goes last on its processors, and without
 * privileges it can't take that back, so the next trial's engine and target would inherit it. The job is the first line
 * of standard input; when that closes, or says stop, the trial ends and keeps what it has.
 */
const stopped = new AbortController();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (message: TrialMessage): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);
// Nobody is left to tell.
process.stdout.on('error', () => stopped.abort(new Interruption('plimsoll ended')));

const first = await lines.next();
if (first.done === true) process.exit(exitCodes.misuse);
const { plan: data, runsDirectory, requestsModule, secrets, k6Binary } = trialJob.parse(JSON.parse(first.value));
void stopWhenTold();

const plan = decodePlan(data);
const world = realWorld({ say: (message) => tell({ kind: 'say', message }), interrupted: stopped.signal });
try {
  const { folder } = await conductRun({
    world,
    plan,
    engine: await engineForPlan(plan, k6Binary, world),
    runsDirectory,
    requestsModule,
    secrets,
    onFolder: (path) => tell({ kind: 'folder', path }),
    onView: (view) => tell({ kind: 'view', view }),
  });
  tell({ kind: 'done', folder });
} catch (error) {
  if (!(error instanceof RunFailure)) throw error;
  const { phase, message, hint } = error;
  tell({ kind: 'failed', phase, message, hint });
}
// Not before what was told has arrived.
if (process.stdout.writableLength > 0) await once(process.stdout, 'drain');
process.exit(exitCodes.done);

async function stopWhenTold(): Promise<void> {
  const { done, value } = await lines.next();
  stopped.abort(new Interruption(done === true ? 'plimsoll ended' : value));
}
