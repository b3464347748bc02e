import type { Finding } from '../../../model/finding.ts';
import { percent } from '../../../model/units.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { processorUse } from '../busy-host.ts';
import { costSite, shareText, siteText } from '../cost-site.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'hot-function',
  title: 'One function takes much of the CPU while the CPU is what runs out',
  recommendation:
    'Look at this line first: what it does less of, the service has more of. Refuted where the function is shortened and CPU per request stays (`profile diff` of the two runs shows it).',
};

/** Share of the CPU that is worth a look, by the lower end of its interval. */
const notable = percent(25);

/** Witnesses: the CPU profile of the first stage whose processors are over their limit, and the CPU of the process. */
export const hotFunction = defineAnalyzer({
  name: 'hot-function',
  needs: ['plan', 'environment', 'validity'],
  wants: ['targets', 'stageCaptures'],
  answer: ({ plan, environment, validity, targets, stageCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    if (stageCaptures?.some(({ type, content }) => type === 'cpu' && content.status === 'captured') !== true)
      return [notApplicable(text, 'CPU profile of a stage')];
    const uses = (targets ?? []).map(({ target }) => processorUse(target));
    if (uses.every((use) => use === null)) return [notApplicable(text, 'CPU time of the process')];
    for (const [stage, use] of uses.entries()) {
      if (use === null || use <= plan.limits.cpu || validity[stage]?.status !== 'valid') continue;
      const site = costSite(stageCaptures, stage, 'cpu', environment.target.modulePath);
      if (site === null || site.share === null || site.origin !== 'own' || site.share.low < notable) continue;
      return [
        makeFinding(text, {
          severity: 'warning',
          estimate: site.share,
          evidence: [
            {
              source: 'pprof:cpu',
              statement: `CPU in ${siteText(site)} with what it calls, share ${shareText(site)}`,
              value: site.share.estimate,
              unit: 'ratio',
              stage,
            },
            { source: 'process', statement: 'share of its processors in use', value: use, unit: 'ratio', stage },
          ],
        }),
      ];
    }
    return [];
  },
});
