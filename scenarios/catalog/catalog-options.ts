import type { CollectInput, TargetInput } from '../../model/scenario.ts';

/** What a ready scenario has to be told: where the service is, and what this machine can give. */
export interface CatalogOptions {
  readonly target: TargetInput;
  /** Highest rate in requests per second; the shape of the load scales with it. */
  readonly peak: number;
  /** Length of each hold, such as '20s'; every scenario has its own default. */
  readonly hold?: string;
  readonly collect?: CollectInput;
  readonly seed?: number;
}

/** The settings that every ready scenario takes over as they are. */
export function commonSettings({ target, collect, seed }: CatalogOptions): {
  readonly target: TargetInput;
  readonly collect?: CollectInput;
  readonly seed?: number;
} {
  return { target, ...(collect === undefined ? {} : { collect }), ...(seed === undefined ? {} : { seed }) };
}
