import type { CollectorSummary, Scrape } from '../../model/measurements.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { World } from '../world.ts';

/** What a collector is told about the run it watches. */
export interface CollectorContext {
  readonly world: World;
  /** Process of the target on this machine, where known. */
  readonly processId: number | null;
  /** Host and port of the workload, for socket states. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly generatorProcessId: number | null;
  /** Takes a reading as it came; the conductor writes it to disk. Never throws. */
  readonly record: (scrape: Scrape) => void;
}

/**
 * The port of everything that reads the target's side while load runs. A collector reads at its own interval from
 * `start` to `stop`, records what it read without decoding it, and never lets an error out: a failed reading is a
 * `Scrape` with `error`.
 */
export interface Collector {
  readonly name: CollectorSummary['collector'];
  readonly source: string;
  /** One reading now, to learn whether the source answers at all; the reason why not, or null. */
  check(context: CollectorContext): Promise<string | null>;
  /** `loadStartsAt`: the instant of offset 0, for collectors that follow the stages. */
  start(context: CollectorContext, loadStartsAt: EpochMilliseconds): void;
  /** Takes a last reading, waits for what is under way (bounded), and gives the account. */
  stop(): Promise<CollectorSummary>;
}
