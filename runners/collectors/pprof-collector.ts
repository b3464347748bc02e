import { type Captured, type ProfileCapture, captureFailed, captured, notCollected } from '../../model/measurements.ts';
import { messageOf } from '../../model/message-of.ts';
import type { PprofPlan, ProfileCapturePlan, ProfileKind } from '../../model/plan.ts';
import {
  type EpochMilliseconds,
  type Milliseconds,
  after,
  between,
  bytes,
  inSeconds,
  milliseconds,
  seconds,
} from '../../model/units.ts';
import type { AdminAccess } from './admin-headers.ts';
import { type BoundedAnswer, type BoundedHttp, boundedHttp } from './bounded-http.ts';
import type { Collector, CollectorContext } from './port.ts';
import { profileFileNames } from './profile-file-names.ts';
import { profileRefusal } from './profile-refusal.ts';
import { profileUrl } from './profile-url.ts';
import { readPprofIndex } from './pprof-index.ts';
import { statusRefusal } from './status-refusal.ts';
import { withoutCredentials } from './without-credentials.ts';

export interface PprofOptions {
  readonly access: AdminAccess;
  /**
   * Files what came of a planned capture: called exactly once for each, in the order they were due. `content` is a
   * Uint8Array exactly where `capture.content` is captured, and belongs into the run folder under its `file`.
   */
  readonly saveProfile: (capture: ProfileCapture, content: Uint8Array | null) => Promise<void>;
}

/** A snapshot that begins later than this would tell of another moment than the plan's. */
const snapshotLateness = seconds(5);
/** A CPU profile that begins later would reach beyond the steady window it was planned into. */
const cpuLateness = seconds(1);
/** For everything beside a CPU profile's own length: a busy target makes one wait for its profile. */
const answerTimeout = seconds(20);
const checkTimeout = seconds(5);
/** `stop` waits this long for the profile under way. */
const stopWithin = seconds(5);

const endpoints: Record<ProfileKind, { readonly name: string; readonly cumulative: boolean }> = {
  cpu: { name: 'profile', cumulative: false },
  heap: { name: 'heap', cumulative: false },
  allocs: { name: 'allocs', cumulative: true },
  goroutine: { name: 'goroutine', cumulative: false },
  mutex: { name: 'mutex', cumulative: true },
  block: { name: 'block', cumulative: true },
};

interface Due {
  readonly plan: ProfileCapturePlan;
  readonly file: string;
}

/**
 * Takes the profiles of a plan at their instants, one after the other, and files each through `saveProfile`. `instance`:
 * 1 for the address the plan names first, 2 and so on for the further ones.
 */
export function pprofCollector(plan: PprofPlan, options: PprofOptions, instance = 1): Collector {
  const files = profileFileNames(plan.captures, instance);
  const source = instance === 1 ? null : withoutCredentials(plan.url);
  const due: Due[] = plan.captures
    .map((capture, index) => ({ plan: capture, file: files[index] ?? '' }))
    .toSorted((a, b) => a.plan.atMs - b.plan.atMs);
  const stopping = new AbortController();
  const givenUp = new AbortController();
  const account = { readings: 0, failures: 0, totalMs: 0, totalBytes: 0, lastError: '' };
  let http: BoundedHttp | null = null;
  let context: CollectorContext | null = null;
  let running: Promise<void> = Promise.resolve();

  async function follow({ world }: CollectorContext, loadStartsAt: EpochMilliseconds): Promise<void> {
    for (const item of due) {
      const at = after(loadStartsAt, item.plan.atMs);
      // Never two at once: each capture waits for the one before. And never early: a timer may end a hair too soon.
      while (world.now() < at && !stopping.signal.aborted) {
        // oxlint-disable-next-line no-await-in-loop
        await world.sleep(milliseconds(Math.max(1, between(world.now(), at))), stopping.signal);
      }
      const startedAt = world.now();
      // What is due already is still taken after `stop`, as long as that waits.
      const skip =
        stopping.signal.aborted && (startedAt < at || givenUp.signal.aborted)
          ? notCollected(startedAt < at ? 'the run ended before it was due' : 'the run ended before its turn came')
          : lateness(item.plan, between(at, startedAt), between(startedAt, loadStartsAt));
      // oxlint-disable-next-line no-await-in-loop
      const taken = skip === null ? await take(item) : { content: skip, body: null };
      // oxlint-disable-next-line no-await-in-loop
      await file(item, startedAt, taken.content, taken.body);
    }
  }

  async function take({
    plan: capture,
    file: name,
  }: Due): Promise<{ content: ProfileCapture['content']; body: Buffer | null }> {
    const within = milliseconds(profileLength(capture) + answerTimeout);
    const answer = await ask(endpoints[capture.kind].name, parameters(capture), within);
    if (answer.status === 'failed') return { content: captureFailed(answer.reason), body: null };
    const refusal = await profileRefusal(answer);
    return refusal === null
      ? { content: captured({ file: name, bytes: bytes(answer.body.byteLength) }), body: answer.body }
      : { content: captureFailed(refusal), body: null };
  }

  async function ask(
    name: string,
    query: Readonly<Record<string, string>>,
    timeoutMs: Milliseconds,
  ): Promise<BoundedAnswer> {
    if (context === null) throw new Error('neither checked nor started');
    http ??= boundedHttp(context.world, options.access);
    const { maxBytes } = plan;
    const url = profileUrl(plan.url, name, query);
    const answer = await http.get({
      url,
      accept: '*/*',
      compressed: false,
      timeoutMs,
      maxBytes,
      signal: givenUp.signal,
    });
    account.totalMs += answer.durationMs;
    account.totalBytes += answer.bytes;
    return answer;
  }

  async function file(
    { plan: { stage, label, kind, ...capture } }: Due,
    startedAt: EpochMilliseconds,
    content: ProfileCapture['content'],
    body: Buffer | null,
  ): Promise<void> {
    const durationMs = profileLength({ stage, label, kind, ...capture });
    const { cumulative } = endpoints[kind];
    let reason = content.status === 'captured' ? null : content.reason;
    try {
      await options.saveProfile({ source, stage, label, kind, startedAt, durationMs, cumulative, content }, body);
    } catch (error) {
      reason = `a profile could not be stored: ${messageOf(error)}`;
    }
    if (reason === null) account.readings++;
    else {
      account.failures++;
      account.lastError = reason;
    }
  }

  return {
    name: 'pprof',
    source: withoutCredentials(plan.url),
    async check(asked) {
      context ??= asked;
      return await absence((name) => ask(name, {}, checkTimeout));
    },
    start(watched, loadStartsAt) {
      context = watched;
      running = follow(watched, loadStartsAt);
    },
    async stop() {
      stopping.abort();
      const timer = setTimeout(() => givenUp.abort(), stopWithin);
      await running;
      clearTimeout(timer);
      http?.close();
      const { readings, failures, totalMs, totalBytes, lastError } = account;
      const status: Captured<{ readings: number; failures: number }> =
        readings > 0 || due.length === 0
          ? captured({ readings, failures })
          : failures > 0
            ? captureFailed(`none of ${failures} profiles was taken: ${lastError}`)
            : notCollected('it was never started');
      return {
        collector: 'pprof',
        source: withoutCredentials(plan.url),
        status,
        totalMs: milliseconds(totalMs),
        totalBytes: bytes(totalBytes),
      };
    },
  };
}

/** Why there are no profiles at the folder, or null; `ask` reads one name in it. */
async function absence(ask: (name: string) => Promise<BoundedAnswer>): Promise<string | null> {
  const index = await ask('');
  if (index.status === 'failed') return index.reason;
  if (index.code === 404) {
    // Some services mount the profiles without the index.
    const commandLine = await ask('cmdline');
    if (commandLine.status === 'answered' && commandLine.code === 200) return null;
  }
  const { location } = index.headers;
  const refusal = statusRefusal(index.code, typeof location === 'string' ? location : undefined, '/debug/pprof');
  if (refusal !== null) return refusal;
  return readPprofIndex(index.body.toString('utf8')).length > 0
    ? null
    : 'the answer is not the index of net/http/pprof: give the folder of the profiles, usually …/debug/pprof';
}

/** net/http/pprof takes whole seconds for a CPU profile; rounding down keeps it inside its window. */
function profileLength({ kind, durationMs }: ProfileCapturePlan): Milliseconds {
  return kind === 'cpu' ? seconds(Math.max(1, Math.floor(inSeconds(durationMs)))) : milliseconds(0);
}

function parameters(capture: ProfileCapturePlan): Record<string, string> {
  if (capture.kind === 'cpu') return { seconds: String(inSeconds(profileLength(capture))) };
  return capture.kind === 'heap' && capture.afterGc ? { gc: '1' } : {};
}

/** Why a capture is skipped since its moment has passed; null: it may begin. */
function lateness(capture: ProfileCapturePlan, late: Milliseconds, untilLoad: Milliseconds): Captured<never> | null {
  // After the load nothing changes any more that a later snapshot would miss.
  if (capture.label === 'cool-down') return null;
  const behind = inSeconds(late).toFixed(1);
  if (capture.label === 'baseline' && untilLoad <= profileLength(capture))
    return notCollected(
      `it would have run into the load: the profile before it, or the start, took ${behind} s too long`,
    );
  const limit = capture.kind === 'cpu' ? cpuLateness : snapshotLateness;
  return late > limit
    ? notCollected(`it was ${behind} s late, after the profile before it, and would have told of another moment`)
    : null;
}
