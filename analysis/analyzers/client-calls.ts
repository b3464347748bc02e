import type { Estimate } from '../../model/finding.ts';
import { type Milliseconds, kibibytes, milliseconds, nanoseconds } from '../../model/units.ts';
import { type CostQuestion, costsBySite } from '../profiles/costs-by-site.ts';
import type { Profile } from '../profiles/profile.ts';
import { type StackFrame, sampleStacks } from '../profiles/sample-stacks.ts';
import type { StageCapture } from '../profiles/stage-captures.ts';
import { countRatio } from '../statistics/count-ratio.ts';
import { confidence } from './latency-quantiles.ts';
import type { ValidHold } from './valid-holds.ts';

/** Waiting of calls that the service makes of others by net/http, per request of its own. */
export interface ClientWait {
  readonly site: StackFrame;
  readonly perRequestMs: Milliseconds;
  /** How many waits the profile counted: a call may wait several times, such as until it is written and until it is answered. */
  readonly waits: number;
}

const getsConnection = /^net\/http\.\(\*Transport\)\.getConn$/;
const awaitsAnswer = /^net\/http\.\(\*(persistConn|http2ClientConn)\)\.(roundTrip|RoundTrip)$/;
const dials = /^net\/http\.\(\*Transport\)\.dialConn$/;
const calls = /^net\/http\.\(\*(Client|Transport)\)\.(Do|do|RoundTrip|roundTrip)$/;

/** For a connection, or for the answer, by the block profile of a stage. Null where it has none or nobody waited. */
export function clientWait(
  captures: readonly StageCapture[],
  { index, readings }: ValidHold,
  modulePath: string | null,
  waitedFor: 'connection' | 'answer',
): ClientWait | null {
  const block = captures.find((each) => each.stage === index && each.type === 'block');
  if (block?.content.status !== 'captured') return null;
  const { profile, from, to } = block.content.value;
  const place = waitedFor === 'connection' ? getsConnection : awaitsAnswer;
  const [most] = costsBySite(profile, {
    value: 'delay',
    count: 'contentions',
    modulePath,
    // What is called inside (a lock, the body's pipe) is another wait.
    matches: (frames) => frames.slice(0, directly).some((frame) => place.test(frame.function)),
  });
  const answered = readings.answeredIn({ from, to });
  if (most === undefined || !(most.count > 0) || answered === 0) return null;
  const delayMs = nanoseconds(most.value);
  return {
    site: most.site,
    perRequestMs: milliseconds(delayMs / answered),
    waits: most.count,
  };
}

/** Frames of a select: `runtime.selectgo` and the function that has it. */
const directly = 2;

export interface ClientDials {
  /** Connections opened per request of the service. */
  readonly perRequest: Estimate;
  /** What calls most; null where it was not sampled. */
  readonly site: StackFrame | null;
}

/**
 * Connections that net/http opened in a stage, by the buffers that each has made for itself: one to read, of 4 KiB unless
 * the transport says another size, which the allocs profile samples and the runtime scales up.
 */
export function clientDials(
  captures: readonly StageCapture[],
  { index, readings }: ValidHold,
  modulePath: string | null,
): ClientDials | null {
  const allocs = captures.find((each) => each.stage === index && each.type === 'alloc');
  if (allocs?.content.status !== 'captured') return null;
  const { profile, from, to } = allocs.content.value;
  const { opened, sampled } = readBuffers(profile);
  const answered = readings.answeredIn({ from, to });
  if (opened === 0 || answered === 0) return null;
  const [site] = costsBySite(profile, callsOf(modulePath));
  return {
    perRequest: {
      ...countRatio(Math.round(sampled), answered, { per: opened / Math.max(1, sampled), confidence }),
      method: `buffers of connections in the allocs profile, ${Math.round(sampled)} samples as a Poisson count`,
    },
    site: site?.site ?? null,
  };
}

const callsOf = (modulePath: string | null): CostQuestion => ({
  value: 'alloc_space',
  count: 'alloc_objects',
  modulePath,
  matches: (frames) => frames.some((frame) => calls.test(frame.function)),
});

/** How many were made, and how many samples say so. */
function readBuffers(profile: Profile): { readonly opened: number; readonly sampled: number } {
  const rate = profile.period > 1 ? profile.period : kibibytes(usualRate);
  let [opened, sampled] = [0, 0];
  for (const stack of sampleStacks(profile)) {
    const inner = stack.frames.slice(0, directly + 1);
    if (!inner.some((frame) => frame.function === 'bufio.NewReaderSize')) continue;
    if (!stack.frames.some((frame) => dials.test(frame.function))) continue;
    const objects = stack.value('alloc_objects');
    const size = objects > 0 ? stack.value('alloc_space') / objects : 0;
    opened += objects;
    sampled += objects * -Math.expm1(-size / rate);
  }
  return { opened, sampled };
}

/** Go's default of runtime.MemProfileRate, KiB. */
const usualRate = 512;
