import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { nanoseconds } from '../model/units.ts';

/** A process that sleeps and reads the clock beside a measurement (fixtures/programs/clock-control). */
export class ClockControl {
  readonly stalls: { start: number; end: number }[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(binary: string, processor: string | null) {
    const [file = binary, ...args] = processor === null ? [binary] : ['taskset', '--cpu-list', processor, binary];
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [start = '', end = ''] = line.split(' ');
      this.stalls.push({ start: nanoseconds(Number(start)), end: nanoseconds(Number(end)) });
    });
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
    this.#child = child;
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}
