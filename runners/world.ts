import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { type EpochMilliseconds, type Milliseconds, epochMilliseconds } from '../model/units.ts';

/** The outside world as one injected object: clock, waiting, processes, environment, and what is secret. */
export interface World {
  now(): EpochMilliseconds;
  sleep(duration: Milliseconds, signal?: AbortSignal): Promise<void>;
  spawn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** One line for the person who watches; goes to the status line, never into a record. */
  say(message: string): void;
  /** Set when the run is to end: stop cleanly and keep the record. Its reason may be an `Interruption`. */
  readonly interrupted: AbortSignal;
}

/** Who or what wants a run to end, in words for the record, such as "interrupted by the user". */
export class Interruption extends Error {}

export function interruptionText({ interrupted }: Pick<World, 'interrupted'>): string {
  const reason: unknown = interrupted.reason;
  return reason instanceof Interruption ? reason.message : 'interrupted by the user';
}

export function realWorld(options: { say: (message: string) => void; interrupted: AbortSignal }): World {
  // performance.now is monotonic; the wall clock alone could step during a run.
  const origin = Date.now() - performance.now();
  return {
    now: () => epochMilliseconds(origin + performance.now()),
    sleep: (duration, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, Math.max(0, duration));
        signal?.addEventListener('abort', done);
      }),
    spawn: (file, args, spawnOptions) => spawn(file, [...args], spawnOptions),
    environment: process.env,
    say: options.say,
    interrupted: options.interrupted,
  };
}

/**
 * A failure that ends a run: in which phase, why, and what to do about it. The conductor turns it into the record's
 * outcome, so that whatever was measured is kept.
 */
export class RunFailure extends Error {
  readonly phase: 'target' | 'prepare' | 'generator' | 'load' | 'store';
  readonly hint: string;
  constructor(phase: RunFailure['phase'], message: string, hint: string) {
    super(message);
    this.name = 'RunFailure';
    this.phase = phase;
    this.hint = hint;
  }
}
