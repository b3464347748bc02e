import type { LatencyHistogram } from '../../../model/latency-histogram.ts';
import type { TrafficCell } from '../../../model/measurements.ts';
import type { GeneratorSecond } from '../port.ts';
import type { EndpointNames } from './endpoint-names.ts';
import type { ClosedSecond } from './load-run.ts';
import type { Tally, TallyCell } from './tally.ts';

/**
 * Makes lines of closed seconds, one histogram (about 0.3 ms) per turn of the event loop, so that the schedule is not
 * held up by more than that.
 */
export class SecondLines {
  readonly #tally: Tally;
  readonly #names: EndpointNames;
  readonly #write: (line: GeneratorSecond) => void;
  #work: Promise<void> = Promise.resolve();

  constructor(tally: Tally, names: EndpointNames, write: (line: GeneratorSecond) => void) {
    this.#tally = tally;
    this.#names = names;
    this.#write = write;
  }

  add(closed: ClosedSecond): void {
    this.#work = this.#work.then(async () => this.#write(await this.#lineOf(closed)));
  }

  /** Resolves when everything added so far is written. */
  async written(): Promise<void> {
    await this.#work;
  }

  async #lineOf(closed: ClosedSecond): Promise<GeneratorSecond> {
    const { second, stage, tally, health } = closed;
    const cells: TrafficCell[] = [];
    for (const cell of tally.cells) cells.push(await this.#cellOf(cell));
    const { waited, ...vitals } = health;
    return {
      kind: 'second',
      second,
      counts: tally.counts.map((count) => ({ ...count, endpoint: this.#names.nameOf(count.endpoint) })),
      cells,
      health: {
        second,
        stage,
        ...vitals,
        waitedForConnection: waited,
        lateness: await this.#encode(tally.lateness),
        connectionWait: await this.#encode(tally.connectionWait),
      },
    };
  }

  async #cellOf(cell: TallyCell): Promise<TrafficCell> {
    return {
      ...cell,
      endpoint: this.#names.nameOf(cell.endpoint),
      statuses: cell.statuses === null ? null : Object.fromEntries(cell.statuses),
      responseTime: await this.#encode(cell.responseTime),
      serviceTime: await this.#encode(cell.serviceTime),
    };
  }

  async #encode(histogram: LatencyHistogram | null): Promise<string | null> {
    if (histogram === null) return null;
    let text: string | null = null;
    if (histogram.count > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      text = histogram.encode();
    }
    this.#tally.recycle(histogram);
    return text;
  }
}
