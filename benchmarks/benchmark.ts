import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadGenerator } from '../runners/generators/port.ts';
import { ClockControl } from './clock-control.ts';

/** One figure of a benchmark: what was asked, what came out. */
export interface Figure {
  readonly what: string;
  readonly asked: string;
  readonly measured: string;
  /** Null: only shown. */
  readonly pass: boolean | null;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Rough length of a whole call with the usual five repeats; `--quick` takes about a tenth. */
  readonly minutes: number;
  run(bench: Bench): Promise<readonly Figure[]>;
}

/** What the one who calls decides. */
export type BenchWishes = Pick<Bench, 'quick' | 'repeats' | 'engine' | 'only'>;

/** What all benchmarks of one call share. */
export class Bench {
  readonly quick: boolean;
  /** How often each measurement is made; figures are medians. */
  readonly repeats: number;
  /** Of a benchmark with many parts, those that are wanted; empty: all. */
  readonly only: readonly string[];
  /** Processors as `taskset` takes them: the harness on one, the target on the other; null where there is only one. */
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly folder: string;
  readonly controls: readonly ClockControl[];
  /** The engine that the generator's own benchmarks measure. */
  readonly engine: LoadGenerator;

  private constructor(
    { quick, repeats, engine, only }: BenchWishes,
    folder: string,
    controls: readonly ClockControl[],
  ) {
    this.quick = quick;
    this.repeats = repeats;
    this.engine = engine;
    this.only = only;
    this.folder = folder;
    this.controls = controls;
    [this.ours, this.theirs] = processors();
  }

  static async open(wishes: BenchWishes): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-bench-'));
    const binary = join(folder, 'clock-control');
    const source = new URL('../fixtures/programs/clock-control', import.meta.url);
    await promisify(execFile)('go', ['build', '-o', binary, '.'], {
      cwd: source,
      env: { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
    });
    return new Bench(
      wishes,
      folder,
      [...new Set(processors())].map((cpu) => new ClockControl(binary, cpu)),
    );
  }

  async close(): Promise<void> {
    for (const control of this.controls) await control.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Instants (ms since 1970) at which the machine itself stood still for more than 5 ms. */
  stalls(from: number, to: number): readonly { readonly start: number; readonly end: number }[] {
    return this.controls.flatMap((control) => control.stalls).filter(({ start, end }) => end > from && start < to);
  }
}

function processors(): [string | null, string | null] {
  return availableParallelism() >= 2 && process.platform === 'linux' ? ['0', '1'] : [null, null];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Smallest value with at least that share of the values at or below it (type 1). */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}
