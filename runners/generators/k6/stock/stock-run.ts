import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type EpochMilliseconds, after, epochMilliseconds, inSeconds, seconds } from '../../../../model/units.ts';
import type { GeneratorJob, GeneratorLine } from '../../port.ts';
import { K6Vitals } from './k6-vitals.ts';
import { decodeK6Sample } from './k6-samples.ts';
import { StockBooks } from './stock-books.ts';

/** k6 hands its samples on five times a second, and in blocks of 4 kB. */
const samplesLate = seconds(1);
const heartbeatMs = 20;
/** k6 can hang before it runs anything. */
const startDeadline = seconds(45);
const exitOfInterrupt = 105;
const logLine = z.object({ level: z.string(), msg: z.string() });

/** Reads what a stock k6 says and writes the lines of the protocol. */
export class StockRun {
  readonly #child: ChildProcess;
  readonly #job: GeneratorJob;
  readonly #write: (line: GeneratorLine) => void;
  readonly #books: StockBooks;
  readonly #vitals: K6Vitals;
  readonly #edges: readonly number[];
  #second = 0;
  #stopped = false;
  #deadline: NodeJS.Timeout | null = null;
  #fault = '';

  /** @param child k6, with `--out=json` on its standard output */
  constructor(child: ChildProcess, job: GeneratorJob, write: (line: GeneratorLine) => void) {
    this.#child = child;
    this.#job = job;
    this.#write = write;
    const { traffic, loadProfile } = job.plan;
    const only = traffic.kind === 'endpoints' && traffic.endpoints.length === 1 ? traffic.endpoints[0]?.name : null;
    this.#books = new StockBooks(only ?? null);
    this.#vitals = new K6Vitals(child.pid ?? 0);
    let end = 0;
    this.#edges = loadProfile.stages.map(({ durationMs }) => (end += durationMs));
  }

  isReady(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
  }

  /** k6 knows no better end than this: what is under way is cut, and counted as in flight. */
  stop(): void {
    this.#stopped = true;
    this.#child.kill('SIGINT');
  }

  /** Follows k6 to its end. Gives the exit code for this process. */
  async follow(): Promise<number> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new TypeError('k6 has no pipes');
    const ended = new Promise<number | null>((resolve) => this.#child.once('close', resolve));
    createInterface({ input: stderr }).on('line', (line) => this.#log(line));
    createInterface({ input: stdout }).on('line', (line) => {
      const sample = decodeK6Sample(line);
      if (sample === null) return;
      const isFirst = this.#books.startedAt === null;
      this.#books.add(sample);
      const { startedAt } = this.#books;
      if (isFirst && startedAt !== null) this.#write({ kind: 'started', startedAt });
    });
    this.#deadline = setTimeout(() => {
      this.#fault = `k6 was not ready within ${inSeconds(startDeadline)} s`;
      this.#child.kill('SIGKILL');
    }, startDeadline);
    let expected = performance.now() + heartbeatMs;
    const heartbeat = setInterval(() => {
      const now = performance.now();
      this.#vitals.woke(expected, now);
      expected = now + heartbeatMs;
      this.#closeSeconds(epochMilliseconds(Date.now() - samplesLate));
    }, heartbeatMs);
    const code = await ended;
    clearInterval(heartbeat);
    this.isReady();
    return this.#finish(code);
  }

  #closeSeconds(until: EpochMilliseconds): void {
    const { startedAt } = this.#books;
    if (startedAt === null) return;
    while (after(startedAt, seconds(this.#second + 1)) <= until) this.#closeSecond();
  }

  #closeSecond(): void {
    const second = this.#second++;
    const { inFlightMax, connects } = this.#books;
    const { counts, cells } = this.#books.close();
    this.#write({
      kind: 'second',
      second,
      counts,
      cells,
      health: {
        second,
        stage: this.#stageAt(second),
        ...this.#vitals.take(),
        // Not known: k6 records no due times.
        lateness: null,
        connectionWait: null,
        // It has no queue.
        waitedForConnection: 0,
        queueLengthMax: 0,
        inFlightMax,
        // A drop beside fewer requests than VUs is the generator's own.
        connectionsOpen: this.#job.plan.connections.count,
        connectsTotal: connects,
      },
    });
  }

  #stageAt(second: number): number {
    const stage = this.#edges.findIndex((end) => seconds(second) < end);
    return stage === -1 ? this.#edges.length - 1 : stage;
  }

  #finish(code: number | null): number {
    const endedAt = epochMilliseconds(Date.now());
    if (this.#books.startedAt !== null) {
      this.#closeSeconds(epochMilliseconds(endedAt - seconds(1)));
      this.#books.cutRest();
      this.#closeSecond();
    }
    if (code === 0 || (this.#stopped && code === exitOfInterrupt)) {
      if (this.#books.startedAt === null && !this.#stopped) return this.#failed('k6 ended without one request');
      this.#write({ kind: 'finished', endedAt, reason: this.#stopped ? 'stopped' : 'completed' });
      return 0;
    }
    return this.#failed(this.#fault === '' ? `k6 ended with exit code ${code}` : this.#fault);
  }

  #failed(reason: string): number {
    this.#write({ kind: 'failed', reason, hint: 'see generator.log in the run folder' });
    return 1;
  }

  /** A line for each failed request is left out: the books have them. */
  #log(line: string): void {
    let said: { readonly level: string; readonly msg: string };
    try {
      said = logLine.parse(JSON.parse(line));
    } catch {
      said = { level: 'info', msg: '' }; // what is no message of k6's log
    }
    if (said.level === 'error') this.#fault = said.msg.split('\n', 1)[0] ?? '';
    if (said.msg !== 'Request Failed') process.stderr.write(`${line}\n`);
  }
}
