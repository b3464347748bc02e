import { ownSite } from './own-site.ts';
import type { Profile } from './profile.ts';
import { type StackFrame, sampleStacks } from './sample-stacks.ts';

/** What a goroutine waits for, as its innermost functions say; `running` where they do not. */
export const goroutineClasses = {
  'channel send': /^runtime\.chansend/,
  'channel receive': /^runtime\.chanrecv/,
  select: /^runtime\.(selectgo|block$)/,
  'network or file': /^internal\/poll\./,
  mutex: /^(sync|internal\/sync)\.(runtime_SemacquireMutex|runtime_SemacquireRWMutex|\(\*(RW)?Mutex\))/,
  'wait group': /^sync\.(runtime_Semacquire|runtime_SemacquireWaitGroup|\(\*WaitGroup\))/,
  'condition variable': /^sync\.(runtime_notifyListWait|\(\*Cond\))/,
  sleep: /^time\.Sleep$/,
} as const;
export type GoroutineClass = keyof typeof goroutineClasses | 'running';

/** Goroutines that were begun with the same function and are at the same place. */
export interface GoroutineGroup {
  /** The function that `go` called; of a closure its name says who made it. */
  readonly begunWith: string;
  readonly class: GoroutineClass;
  /** Where in the service's own code; null: nowhere. */
  readonly site: StackFrame | null;
  readonly count: number;
}

/** Frames further in than this are not looked at for what a goroutine waits for. */
const innermost = 6;

/** Goroutines of a goroutine profile by the function they began with, what they wait for and where. */
export function goroutineGroups(profile: Profile, modulePath: string | null): ReadonlyMap<string, GoroutineGroup> {
  const groups = new Map<string, GoroutineGroup>();
  for (const stack of sampleStacks(profile)) {
    const begunWith = stack.frames.at(-1)?.function ?? '';
    const site = ownSite(stack.frames, modulePath);
    const waits = classOf(stack.frames);
    const key = [begunWith, waits, site?.function ?? '', site?.line ?? ''].join(' ');
    const count = (groups.get(key)?.count ?? 0) + stack.value('goroutine');
    groups.set(key, { begunWith, class: waits, site, count });
  }
  return groups;
}

function classOf(frames: readonly StackFrame[]): GoroutineClass {
  const inner = frames.slice(0, innermost);
  for (const [name, pattern] of classes) if (inner.some((frame) => pattern.test(frame.function))) return name;
  return 'running';
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries of a record keyed by its own names
const classes = Object.entries(goroutineClasses) as readonly (readonly [keyof typeof goroutineClasses, RegExp])[];
