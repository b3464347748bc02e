import { type ComparedPrediction, comparePrediction } from '../analysis/what-if/compare-prediction.ts';
import type { WhatIfAnswer } from '../analysis/what-if/what-if.ts';
import type { WhatIfChange } from '../analysis/what-if/what-if-change.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type PerSecond, milliseconds, perSecond, seconds } from '../model/units.ts';
import { carryOutRun } from './carry-out-run.ts';
import type { CommandContext } from './command.ts';

export type Verification =
  | { readonly status: 'not-run'; readonly reason: string; readonly agrees: null }
  | ({ readonly status: 'run'; readonly run: string } & ComparedPrediction);

/** Runs the predicted point with the plan of the run, as far as that can be done from here. */
export async function verifyPrediction(
  record: RunRecord,
  change: WhatIfChange,
  { predictions, instancePerSecond }: WhatIfAnswer,
  context: CommandContext,
): Promise<Verification> {
  const reason = hindrance(record, change);
  if (reason !== null || predictions === null) return { status: 'not-run', reason: reason ?? 'refused', agrees: null };
  const plan = planAt(record.plan, perSecond(instancePerSecond));
  const done = await carryOutRun({ plan, requestsModule: null, secrets: {}, k6Binary: null }, context, 'run');
  return { status: 'run', run: done.record.id, ...comparePrediction(predictions, done.record) };
}

function hindrance({ plan }: RunRecord, change: WhatIfChange): string | null {
  const others = Object.entries(change).filter(([name, value]) => name !== 'ratePerSecond' && value !== null);
  if (others.length > 0)
    return `only another rate can be run from here; change ${others.map(([name]) => name).join(', ')} where the service runs, then run it at the predicted rate`;
  if (plan.traffic.kind !== 'endpoints')
    return 'the requests of that run came from a function in its scenario file; run that file at the predicted rate';
  return null;
}

/** The same plan with one hold at another rate, as long as its longest, after as long a start. */
function planAt(plan: Plan, rate: PerSecond): Plan {
  const { stages } = plan.loadProfile;
  const holds = stages.flatMap((stage, index) => (stage.kind === 'hold' ? [{ stage, index }] : []));
  const longest = holds.toSorted((left, right) => right.stage.durationMs - left.stage.durationMs)[0];
  const durationMs = longest?.stage.durationMs ?? seconds(20);
  const startMs = stages.slice(0, longest?.index ?? 0).reduce((sum, stage) => sum + stage.durationMs, 0);
  const settling = (plan.steadyWindows[longest?.index ?? 0]?.fromMs ?? startMs) - startMs;
  const warmUpMs = stages.find(({ kind }) => kind === 'warm-up')?.durationMs ?? null;
  const warmUp = warmUpMs === null ? [] : [{ name: 'warm-up', kind: 'warm-up', durationMs: warmUpMs } as const];
  const first = warmUpMs ?? 0;
  return {
    ...plan,
    loadProfile: {
      kind: 'open',
      arrivals: plan.loadProfile.kind === 'open' ? plan.loadProfile.arrivals : 'even',
      stages: [...warmUp, { name: 'predicted', kind: 'hold', durationMs } as const].map((stage) => ({
        ...stage,
        startPerSecond: rate,
        endPerSecond: rate,
      })),
    },
    steadyWindows: [
      ...(warmUpMs === null ? [] : [{ fromMs: milliseconds(0), toMs: warmUpMs }]),
      { fromMs: milliseconds(first + settling), toMs: milliseconds(first + durationMs) },
    ],
    collect: { ...plan.collect, pprof: null },
    warnings: [],
  };
}
