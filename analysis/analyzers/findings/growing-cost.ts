import type { Evidence, Finding } from '../../../model/finding.ts';
import { percent } from '../../../model/units.ts';
import type { CostAcrossLoad, FunctionAcrossLoad } from '../../profiles/cost-across-load.ts';
import { indifferent } from '../../profiles/cost-law.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { siteText } from '../cost-site.ts';
import type { TargetFigures } from '../target-figures.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'growing-cost',
  title: 'A function costs more per request the higher the rate',
  recommendation:
    'Look at this line for work that grows with what is there at once: a list or map of requests in flight that is walked, retries, a lock that is spun on. Refuted where the stages in another order, or after a longer warm-up, give the same cost at each rate: then it was time, not the rate.',
};

/** Part of all that a request costs at the highest rate from which on a growing function matters. */
const notable = percent(10);
/** Part of the function's growth that the process has to have grown by too. */
const confirming = 1 / 2;

/** Witnesses: CPU per request of the function in the stages' profiles, and CPU per request of the whole process. */
export const growingCost = defineAnalyzer({
  name: 'growing-cost',
  needs: ['plan'],
  wants: ['costs', 'targets'],
  answer: ({ plan, costs, targets }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const cpu = costs?.find(({ type }) => type === 'cpu');
    if (cpu === undefined || cpu.total.exponent === null)
      return [notApplicable(text, 'CPU profiles of three valid holds of different rates')];
    const worst = cpu.functions.find((each) => isNotable(each, cpu));
    if (worst === undefined) return [];
    return [
      makeFinding(text, {
        severity: 'warning',
        estimate: worst.site.exponent,
        evidence: [...ofFunction(worst, cpu), ...ofProcess(worst, cpu, targets)],
      }),
    ];
  },
});

function isNotable({ origin, site, surelyGrows }: FunctionAcrossLoad, { total }: CostAcrossLoad): boolean {
  const [cost, all] = [site.predicted?.estimate ?? 0, total.predicted?.estimate ?? 0];
  return (
    origin !== 'standard' &&
    site.trend === 'growing' &&
    surelyGrows &&
    (site.exponent?.estimate ?? 0) >= indifferent &&
    cost >= notable * all
  );
}

function ofFunction({ name, place, site }: FunctionAcrossLoad, { stages }: CostAcrossLoad): Evidence[] {
  const where = siteText({ function: name, place });
  const highest = stages.at(-1)?.stage ?? null;
  const { exponent } = site;
  const interval = exponent === null ? '' : `, 95% interval ${exponent.low.toFixed(2)} to ${exponent.high.toFixed(2)}`;
  return [
    {
      source: 'pprof:cpu',
      statement: `exponent of the CPU per request in ${where} over the rate${interval}, from ${Math.round(site.samples)} samples of ${stages.length} stages`,
      value: exponent?.estimate ?? null,
      unit: '1',
      stage: null,
    },
    {
      source: 'pprof:cpu',
      statement: 'its CPU per request',
      value: site.stages.at(-1)?.perRequest ?? null,
      unit: 'ms',
      stage: highest,
    },
  ];
}

/** What the process itself says, between the lowest and the highest of the stages. */
function ofProcess(
  { site }: FunctionAcrossLoad,
  { stages }: CostAcrossLoad,
  targets: readonly TargetFigures[] | null,
): Evidence[] {
  const [lowest, highest] = [stages[0]?.stage, stages.at(-1)?.stage];
  if (lowest === undefined || highest === undefined) return [];
  const [before, now] = [lowest, highest].map((stage) => targets?.[stage]?.target.cpuMsPerRequest ?? null);
  const grown = (site.stages.at(-1)?.perRequest ?? 0) - (site.stages[0]?.perRequest ?? 0);
  if (before === undefined || before === null || now === undefined || now === null) return [];
  if (now - before < confirming * grown) return [];
  return [
    {
      source: 'process',
      statement: 'growth of the CPU per request of the whole process since the lowest of these stages',
      value: now - before,
      unit: 'ms',
      stage: highest,
    },
  ];
}
