import type { RunRecord } from '../model/run-record.ts';
import type { PerSecond } from '../model/units.ts';
import { costsAcrossLoad } from './analyzers/costs-across-load.ts';
import { loadFidelity } from './analyzers/load-fidelity.ts';
import { trafficPerStage } from './analyzers/traffic-per-stage.ts';
import type { Known } from './analyzers/analyzer.ts';
import { decodeRecord } from './decode-record.ts';
import { type CostAcrossLoad, costAcrossLoad } from './profiles/cost-across-load.ts';
import type { CostType } from './profiles/sample-weights.ts';

/** Costs of a run by function, and why there are none where there are none. */
export interface CostOfRun {
  readonly cost: CostAcrossLoad;
  readonly missing: string | null;
}

/**
 * What functions cost per request over the stages of a run.
 *
 * @param at the rate at which costs are predicted; null: the highest of the stages
 */
export function costOfRun(
  record: RunRecord,
  readProfile: (file: string) => Uint8Array,
  type: CostType,
  at: PerSecond | null,
): CostOfRun {
  let known: Known = decodeRecord(record, readProfile);
  known = { ...known, validity: loadFidelity.ask(known) };
  known = { ...known, figures: trafficPerStage.ask(known) };
  const costs = costsAcrossLoad(at).ask(known);
  const found = costs.status === 'captured' ? costs.value.find((each) => each.type === type) : undefined;
  const nothing = costAcrossLoad([], { type, modulePath: null, atPerSecond: at ?? 0 });
  const { stages, total } = found ?? nothing;
  return {
    cost: found ?? nothing,
    missing:
      costs.status === 'captured'
        ? found === undefined
          ? `the run took no profiles of ${type} in its stages`
          : stages.length === 0
            ? 'no stage can be used'
            : total.exponent === null
              ? total.reason
              : null
        : costs.reason,
  };
}
