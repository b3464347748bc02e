import {
  type Captured,
  type GeneratorHealth,
  type StepCell,
  type TrafficCell,
  type TrafficCount,
  type TrafficMeasurement,
  captured,
  notCollected,
} from '../model/measurements.ts';
import type { Plan } from '../model/plan.ts';
import type { AbortCode, RunOutcome } from '../model/run-record.ts';
import { sizeText } from '../model/size-text.ts';
import {
  type Bytes,
  type EpochMilliseconds,
  between,
  epochMilliseconds,
  milliseconds,
  seconds,
} from '../model/units.ts';
import { type GeneratorProcess, readyDeadline } from './generators/generator-process.ts';
import type { GeneratorLine, GeneratorSecond } from './generators/port.ts';
import { LoadWatch, type LoadView } from './load-watch.ts';
import { RunFailure, type World, interruptionText } from './world.ts';

/** After the grace period the engine gets this long to say goodbye. */
const farewell = seconds(10);
/** An engine that says nothing for this long while it should write a line a second is stuck. */
const silenceLimit = seconds(30);

export interface LoadSurroundings {
  readonly world: World;
  readonly plan: Plan;
  /** Resolves with a sentence when the launched target ended; never for an attached one. */
  readonly targetGone: Promise<string>;
  /** Resolves with a sentence when the run folder can no longer be written. */
  readonly storeBroken: Promise<string>;
  readonly freeDisk: () => Promise<Bytes>;
  readonly addTrafficLine: (text: string) => void;
  readonly onView: (view: LoadView) => void;
}

type ReadyLine = Extract<GeneratorLine, { kind: 'ready' }>;
type LineIterator = AsyncIterator<{ readonly line: GeneratorLine; readonly text: string }>;

/** Waits until the engine is warm and its connections are open. @throws RunFailure where that does not happen. */
export async function awaitReady(
  world: World,
  generator: GeneratorProcess,
  lines: LineIterator,
): Promise<{ readonly line: ReadyLine; readonly text: string }> {
  const deadline = new AbortController();
  const late = world.sleep(readyDeadline, deadline.signal).then(() => 'late' as const);
  const stopped = onAbort(world.interrupted).then(() => 'stopped' as const);
  try {
    const first = await Promise.race([lines.next(), late, stopped]);
    if (first === 'stopped') throw new RunFailure('generator', 'interrupted before the load began', '');
    if (first === 'late')
      throw new RunFailure(
        'generator',
        `the load generator was not ready within ${readyDeadline} ms`,
        'see generator.log in the run folder',
      );
    if (first.done === true) throw await endedEarly(generator);
    const { line, text } = first.value;
    if (line.kind === 'failed') throw new RunFailure('generator', line.reason, line.hint);
    if (line.kind !== 'ready')
      throw new RunFailure(
        'generator',
        `the load generator began with a "${line.kind}" line`,
        'its protocol differs from this plimsoll',
      );
    return { line, text };
  } finally {
    deadline.abort();
  }
}

/**
 * Lets the engine drive the load at the given instant and follows it to its end: keeps its lines, draws the status
 * line, and stops it early where a rule is broken, the target is gone or the user wants to end. Never throws away what
 * was measured: an engine that dies leaves an outcome `failed` with the traffic up to then.
 */
export async function driveLoad(
  surroundings: LoadSurroundings,
  generator: GeneratorProcess,
  lines: LineIterator,
  ready: ReadyLine,
  loadStartsAt: EpochMilliseconds,
): Promise<{ readonly outcome: RunOutcome; readonly traffic: Captured<TrafficMeasurement> }> {
  const { world, plan } = surroundings;
  const watch = new LoadWatch(plan);
  const gathered = {
    cells: new Array<TrafficCell>(),
    counts: new Array<TrafficCount>(),
    health: new Array<GeneratorHealth>(),
    steps: new Array<StepCell>(),
  };
  const state: {
    startedAt: EpochMilliseconds | null;
    endedAt: EpochMilliseconds | null;
    failure: RunOutcome | null;
    aborted: { readonly code: AbortCode; readonly reason: string } | null;
    killed: string | null;
    readonly remarks: string[];
  } = {
    startedAt: null,
    endedAt: null,
    failure: null,
    aborted: null,
    killed: null,
    remarks: [],
  };
  const finished = new AbortController();
  const kill = (why: string): void => {
    state.killed = why;
    generator.kill();
  };
  const abort = (code: AbortCode, reason: string): void => {
    if (state.aborted !== null || finished.signal.aborted) return;
    state.aborted = { code, reason };
    world.say(`stopping: ${reason}`);
    generator.send({ kind: 'stop', reason });
    void killUnlessFinished();
  };

  const killUnlessFinished = async (): Promise<void> => {
    await world.sleep(milliseconds(plan.graceMs + farewell), finished.signal);
    if (!finished.signal.aborted) kill('it did not stop when told to');
  };

  await world.sleep(milliseconds(Math.max(0, between(world.now(), loadStartsAt))), world.interrupted);
  generator.send({ kind: 'start' });
  void surroundings.targetGone.then((reason) => abort('target-gone', reason));
  void surroundings.storeBroken.then((reason) => abort('disk-full', reason));
  void onAbort(world.interrupted).then(() => abort('interrupted', interruptionText(world)));
  let lastLineAt = world.now();
  const guard = setInterval(() => {
    if (between(lastLineAt, world.now()) > silenceLimit) kill(`it wrote nothing for ${silenceLimit} ms`);
  }, seconds(1));
  try {
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      const { line, text } = next.value;
      lastLineAt = world.now();
      surroundings.addTrafficLine(text);
      switch (line.kind) {
        case 'ready':
          break;
        case 'started':
          state.startedAt = epochMilliseconds(line.startedAt);
          break;
        case 'second':
          await followSecond(line);
          break;
        case 'failed':
          state.failure = { status: 'failed', phase: 'generator', reason: line.reason, hint: line.hint };
          break;
        case 'finished':
          state.endedAt = epochMilliseconds(line.endedAt);
          break;
        default:
          line satisfies never;
      }
    }
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    state.failure = { status: 'failed', phase: error.phase, reason: error.message, hint: error.hint };
    generator.kill();
  } finally {
    clearInterval(guard);
    finished.abort();
  }

  /** What requests met when the target was gone is known only at the end. */
  function aborted({ code, reason }: NonNullable<typeof state.aborted>): RunOutcome {
    const [remark] = state.remarks;
    const met =
      code === 'target-gone'
        ? watch.unansweredText()
        : code === 'error-ratio' && remark !== undefined
          ? `; ${remark}`
          : '';
    return { status: 'aborted', phase: 'load', code, reason: reason + met };
  }

  async function followSecond(line: GeneratorSecond): Promise<void> {
    gathered.cells.push(...line.cells);
    gathered.counts.push(...line.counts);
    gathered.health.push(line.health);
    gathered.steps.push(...(line.steps ?? []));
    for (const remark of line.remarks ?? []) {
      state.remarks.push(remark);
      world.say(remark);
    }
    watch.add(line);
    const view = watch.view();
    if (view !== null) surroundings.onView(view);
    const broken = watch.brokenRule();
    if (broken !== null) abort(broken.code, broken.reason);
    const { freeDiskBytes } = plan.abortRules;
    if (
      freeDiskBytes !== null &&
      line.second % diskEverySeconds === 0 &&
      (await surroundings.freeDisk()) < freeDiskBytes
    )
      abort('disk-full', `less than ${sizeText(freeDiskBytes)} are free where the run folder is`);
  }

  if (state.endedAt === null && state.failure === null) {
    const { message, hint } = await endedEarly(generator, state.killed);
    state.failure = { status: 'failed', phase: 'generator', reason: message, hint };
  }
  const outcome: RunOutcome =
    state.failure ?? (state.aborted === null ? { status: 'completed' } : aborted(state.aborted));
  if (state.startedAt === null) return { outcome, traffic: notCollected('the load never began') };
  return {
    outcome,
    traffic: captured({
      engine: ready.engine,
      startedAt: state.startedAt,
      endedAt: state.endedAt ?? lastLineAt,
      ...gathered,
      complete: state.endedAt !== null,
    }),
  };
}

const diskEverySeconds = 5;

async function endedEarly(generator: GeneratorProcess, killed: string | null = null): Promise<RunFailure> {
  const { code, signal } = await generator.exited;
  const how = killed ?? (signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
  const words = killed === null ? generator.lastWords() : '';
  return new RunFailure(
    'generator',
    `the load generator ended in the middle of its work: ${how}${words === '' ? '' : `, after "${words}"`}`,
    'see generator.log in the run folder',
  );
}

function onAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
