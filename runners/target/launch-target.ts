import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { once } from 'node:events';
import { messageOf } from '../../model/message-of.ts';
import type { LaunchPlan, Plan } from '../../model/plan.ts';
import { type Milliseconds, after, between, inSeconds, milliseconds, seconds } from '../../model/units.ts';
import { type BoundedLog, openBoundedLog } from '../store/bounded-log.ts';
import { referredVariable } from '../store/secrets.ts';
import { RunFailure, type World } from '../world.ts';
import { interruption } from './attach-target.ts';
import { groupPlacesOf } from './control-groups.ts';
import { findListeners } from './find-listener.ts';
import { type LimitGroup, makeLimitGroup } from './limit-group.ts';
import { type TargetAddress, addressFromText, addressOfUrl } from './listening-address.ts';
import { type Guard, type HeldProcess, startGuard, startHeld } from './process-guard.ts';
import { groupIsAlive, processStat, signalGroup } from './process-group.ts';
import { allowedProcessors, canPin, parseProcessorSet, pinnedCommand } from './processor-sets.ts';
import type { Target, TargetContext, TargetExit } from './target.ts';
import { tryConnect, waitUntilReady } from './target-ready.ts';

/**
 * Starts the service: environment, processors, limits, guard; then waits until it says where it listens and answers
 * there. When anything goes wrong nothing of it is left running. @throws RunFailure of phase `target`
 */
export async function launchTarget(
  plan: Plan,
  target: LaunchPlan,
  world: World,
  context: TargetContext,
): Promise<Target> {
  const { environment, notes } = targetEnvironment(plan, target, world);
  await checkCommand(target, environment);
  if (target.url !== null) await checkAddressIsFree(addressOfUrl(target.url));
  const { command, note } = await pinned(target.command, plan.processors.target);

  const limits = await makeLimitGroup(target.limits, await groupPlacesOf('self'));
  const log = openBoundedLog(context.log, { redact: context.redact });
  const launched = await startGuarded(
    world,
    command,
    { workingDirectory: target.workingDirectory, environment },
    limits,
    log,
  );
  const output = watchOutput(launched.held, log, target.listeningPattern, context);
  const exited = watchExit(launched.held, limits, output.lastLines);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => (stopping ??= stopTarget(world, launched, exited, limits, log));
  try {
    launched.held.go();
    const { address, ip, requests } = await untilReady(plan, target, world, context, output.address, exited);
    const behind = await processBehind(launched.held.processId, ip, address.port);
    return {
      url: address.url,
      address: { host: address.host, port: address.port },
      processId: behind.processId,
      readinessRequests: requests,
      notes: [...notes, ...(note === null ? [] : [note]), ...limits.notes, ...behind.notes],
      exited,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function targetEnvironment(
  plan: Plan,
  target: LaunchPlan,
  world: World,
): { environment: Record<string, string | undefined>; notes: readonly string[] } {
  const environment: Record<string, string | undefined> = { ...world.environment };
  const missing: string[] = [];
  for (const [name, value] of Object.entries(target.environment)) {
    const variable = referredVariable(value);
    const resolved = variable === null ? value : world.environment[variable];
    if (resolved === undefined) missing.push(`${name} wants ${String(variable)}`);
    environment[name] = resolved;
  }
  if (missing.length > 0)
    throw new RunFailure(
      'target',
      `the target's environment refers to variables that are not set: ${missing.join(', ')}`,
      'set them where plimsoll is started',
    );
  const debug = environment['GODEBUG'] ?? '';
  if (!plan.collect.gctrace || /(^|,)gctrace=/.test(debug)) return { environment, notes: [] };
  environment['GODEBUG'] = debug === '' ? 'gctrace=1' : `${debug},gctrace=1`;
  return { environment, notes: ['GODEBUG has gctrace=1 added: one line on standard error per garbage collection'] };
}

async function checkCommand(
  target: LaunchPlan,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { workingDirectory, command } = target;
  const [program] = command;
  const isFolder = await stat(workingDirectory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new RunFailure(
      'target',
      `the target's working directory ${workingDirectory} is not there`,
      'make it, or correct it',
    );
  const places = program.includes('/')
    ? [isAbsolute(program) ? program : resolve(workingDirectory, program)]
    : (environment['PATH'] ?? '').split(delimiter).map((folder) => join(resolve(workingDirectory, folder), program));
  const hint = program.includes('/')
    ? 'build it first, or correct the path; it is seen from the working directory'
    : 'install it, or give its path';
  let found = false;
  for (const place of places) {
    const isFile = await stat(place).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (!isFile) continue;
    found = true;
    const refused = await access(place, constants.X_OK).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused === null) return;
  }
  throw new RunFailure(
    'target',
    found ? `the target's command ${program} may not be executed` : `the target's command ${program} was not found`,
    found ? `try chmod +x ${program}` : hint,
  );
}

/** Otherwise another service would be measured in the target's place. */
async function checkAddressIsFree(address: TargetAddress): Promise<void> {
  const connection = await tryConnect(address, seconds(2));
  if (connection.status === 'closed') return;
  const [holder] = await findListeners(connection.ip, address.port);
  throw new RunFailure(
    'target',
    `something else already listens on ${address.host}:${address.port}${holder === undefined ? '' : `: process ${holder.processId} (${holder.command})`}`,
    'end it, or give the target another port',
  );
}

async function pinned(
  command: LaunchPlan['command'],
  processors: string | null,
): Promise<{ command: LaunchPlan['command']; note: string | null }> {
  if (processors === null) return { command, note: null };
  const wanted = parseProcessorSet(processors);
  const allowed = await allowedProcessors();
  if (wanted === null || wanted.some((processor) => !allowed.includes(processor)))
    throw new RunFailure(
      'target',
      `the target cannot run on processors "${processors}"`,
      `this machine allows ${allowed.join(',')}; write a set as 0,2-3`,
    );
  if (!(await canPin()))
    return { command, note: `not pinned to processors ${processors}: there is no taskset (package util-linux)` };
  return { command: pinnedCommand(command, processors), note: null };
}

interface Launched {
  readonly held: HeldProcess;
  readonly guard: Guard;
}

async function startGuarded(
  world: World,
  command: LaunchPlan['command'],
  options: Parameters<typeof startHeld>[2],
  limits: LimitGroup,
  log: BoundedLog,
): Promise<Launched> {
  let held: HeldProcess | undefined;
  let guard: Guard | undefined;
  try {
    held = await startHeld(world, command, options);
    guard = await startGuard(world, held.processId, limits.folders);
    await limits.add(held.processId);
    return { held, guard };
  } catch (error) {
    held?.child.stdin?.end(); // nobody says go: it ends
    if (held !== undefined && held.child.exitCode === null) await once(held.child, 'exit');
    await guard?.release();
    await limits.remove();
    await log.close();
    throw new RunFailure(
      'target',
      `the target could not be started: ${messageOf(error)}`,
      'is there room for more processes?',
    );
  }
}

/** How many of its last lines are looked through for a cause, and how many a failure repeats. */
const linesKept = 200;
const linesRepeated = 8;
/** A stack trace pushes the line that matters out of the last few. */
const tellingLine = /^panic: |^fatal error: |\berror: |address already in use|permission denied|no such file/i;
const longestRepeatedLine = 300;

interface WatchedOutput {
  /** The address that the target said it listens on; pending for ever where no pattern was given. */
  readonly address: Promise<TargetAddress>;
  readonly lastLines: () => readonly string[];
}

function watchOutput(
  held: HeldProcess,
  log: BoundedLog,
  pattern: string | null,
  context: TargetContext,
): WatchedOutput {
  const last: string[] = [];
  const listening = Promise.withResolvers<TargetAddress>();
  listening.promise.catch(() => {}); // seen by whoever waits for it
  const expression = pattern === null ? null : new RegExp(pattern);
  const look = (line: string): void => {
    const match = expression?.exec(line);
    if (match === null || match === undefined) return;
    try {
      listening.resolve(addressFromText(match[1] ?? ''));
    } catch (error) {
      listening.reject(error);
    }
  };
  const errors = log.source((line) => {
    look(line);
    context.onErrorLine(line);
    last.push(context.redact(line).slice(0, longestRepeatedLine));
    if (last.length > linesKept) last.shift();
  });
  const output = log.source(look);
  for (const [stream, source] of [
    [held.child.stdout, output],
    [held.child.stderr, errors],
  ] as const) {
    stream?.on('data', (chunk: Buffer) => source.write(chunk));
    stream?.once('end', () => source.end());
    stream?.on('error', () => source.end());
  }
  return {
    address: listening.promise,
    lastLines: () => [...last],
  };
}

async function watchExit(
  held: HeldProcess,
  limits: LimitGroup,
  lastLines: () => readonly string[],
): Promise<TargetExit> {
  const closed = once(held.child, 'close');
  const [code, signal]: [number | null, NodeJS.Signals | null] = await new Promise((resolveExit) => {
    held.child.once('exit', (...how) => resolveExit(how));
  });
  // Its last lines may still be in the pipe, but a child of its own may hold that open for long.
  await Promise.race([closed, new Promise((done) => setTimeout(done, milliseconds(200)))]);
  const starved = signal === 'SIGKILL' && (await limits.outOfMemoryKills()) > 0;
  return targetExit(code, signal, starved, lastLines());
}

function targetExit(
  code: number | null,
  signal: NodeJS.Signals | null,
  starved: boolean,
  kept: readonly string[],
): TargetExit {
  const how = signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
  const description = `the target ended ${how}${starved ? ': it needed more than its memory limit' : ''}`;
  const hint = starved
    ? 'raise the memory limit, or set GOMEMLIMIT below it'
    : kept.some((line) => /address already in use/i.test(line))
      ? 'end what holds the port, or give the target another one'
      : 'target.log in the run folder has its whole output';
  const recent = kept.slice(-linesRepeated);
  const telling = kept.slice(0, -linesRepeated).findLast((line) => tellingLine.test(line));
  const lastLines = telling === undefined ? recent : [telling, '…', ...recent];
  const said = lastLines.length === 0 ? '' : `; it said last: ${lastLines.join(' | ')}`;
  const asFailure = (phase: RunFailure['phase']): RunFailure => new RunFailure(phase, description + said, hint);
  return { code, signal, description, hint, lastLines, asFailure };
}

async function untilReady(
  plan: Plan,
  target: LaunchPlan,
  world: World,
  context: TargetContext,
  said: Promise<TargetAddress>,
  exited: Promise<TargetExit>,
): Promise<{ address: TargetAddress; ip: string; requests: number }> {
  const timeout = target.readyTimeoutMs;
  const deadline = after(world.now(), timeout);
  const givenUp = new AbortController();
  const interrupted = interruption(world);
  const giveUp = (): void => givenUp.abort(interrupted.reason);
  const ended = exited.then((exit) => {
    const failure = exit.asFailure('target');
    const early = new RunFailure(
      'target',
      failure.message.replace('the target ended', 'the target ended before it was ready,'),
      exit.hint,
    );
    givenUp.abort(early);
    throw early;
  });
  ended.catch(() => {}); // raced below
  const stopped = new Promise<never>((_, reject) => {
    givenUp.signal.addEventListener('abort', () => reject(givenUp.signal.reason));
  });
  stopped.catch(() => {}); // raced below
  if (interrupted.aborted) giveUp();
  interrupted.addEventListener('abort', giveUp);
  const address =
    target.url === null
      ? await Promise.race([said, ended, stopped, silence(world, timeout, givenUp.signal)])
      : addressOfUrl(target.url);
  const headers = { [plan.headers.run]: context.runId, [plan.headers.stage]: 'readiness' };
  const left = milliseconds(Math.max(1, between(world.now(), deadline)));
  const wait = { address, readyPath: target.readyPath, timeout: left, headers, givenUp: givenUp.signal };
  const ready = await Promise.race([waitUntilReady(world, wait), ended]);
  interrupted.removeEventListener('abort', giveUp);
  return { address, ...ready };
}

async function silence(world: World, timeout: Milliseconds, givenUp: AbortSignal): Promise<never> {
  await world.sleep(timeout, givenUp);
  if (givenUp.aborted) throw givenUp.reason;
  throw new RunFailure(
    'target',
    `the target did not say where it listens within ${inSeconds(timeout)} s`,
    'check the listening pattern against target.log in the run folder, or raise the readiness timeout',
  );
}

/** The launched process itself, or one that it started (as `go run` does); never one that was there before. */
async function processBehind(
  launched: number,
  ip: string,
  port: number,
): Promise<{ processId: number | null; notes: readonly string[] }> {
  if (process.platform !== 'linux') return { processId: launched, notes: [] };
  const listeners = await findListeners(ip, port);
  if (listeners.some(({ processId }) => processId === launched)) return { processId: launched, notes: [] };
  for (const { processId, command } of listeners)
    if ((await processStat(processId))?.groupId === launched)
      return {
        processId,
        notes: [`the command started another process that serves: readings are of ${command} (${processId})`],
      };
  return {
    processId: null,
    notes: [`the process that listens on port ${port} is not one that the command started: no readings of it`],
  };
}

const patience = seconds(10);
const lookAgain = milliseconds(40);

async function stopTarget(
  world: World,
  { held, guard }: Launched,
  exited: Promise<TargetExit>,
  limits: LimitGroup,
  log: BoundedLog,
): Promise<void> {
  const group = held.processId;
  const remains = async (): Promise<boolean> => (await groupIsAlive(group)) || (await limits.members()).length > 0;
  const deadline = after(world.now(), patience);
  signalGroup(group, 'SIGTERM');
  while (world.now() < deadline && (await remains())) await world.sleep(lookAgain);
  if (await remains()) {
    signalGroup(group, 'SIGKILL');
    for (const member of await limits.members()) endProcess(member);
  }
  // After SIGKILL only a process stuck in the kernel stays, and waiting for ever would not help.
  const gone = new AbortController();
  // A wait that nobody ends would keep plimsoll's own process for as long.
  await Promise.race([exited, world.sleep(patience, gone.signal)]);
  gone.abort();
  await limits.remove();
  await guard.release();
  for (const stream of held.child.stdio) stream?.destroy();
  await log.close();
}

function endProcess(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}
