import type { Evidence, Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { costSite, siteEvidence } from '../cost-site.ts';
import { fixedLimits } from '../limiter-readings.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'cpu-throttled',
  title: 'The kernel throttles the service at its CPU limit',
  recommendation:
    'Raise or remove the CPU limit, or set GOMAXPROCS to it: throttled periods stop all goroutines at once and show as latency, not as CPU use.',
};

/** Witnesses: the control group's throttled periods, and CPU use near the limit or slow scheduling in the runtime. */
export const cpuThrottled = defineAnalyzer({
  name: 'cpu-throttled',
  needs: ['environment', 'validity'],
  wants: ['targets', 'stageCaptures'],
  answer: ({ environment, validity, targets, stageCaptures }): readonly Finding[] => {
    const known = (targets ?? []).flatMap((figures, stage) =>
      figures.target.throttledShare === null || validity[stage]?.status !== 'valid'
        ? []
        : [{ stage, figures, share: figures.target.throttledShare }],
    );
    if (known.length === 0) {
      const measured = targets?.some(({ target }) => target.throttledShare !== null) ?? false;
      return [notApplicable(text, measured ? 'a valid stage' : 'throttling of the control group (cpu.stat)')];
    }
    const worst = known.toSorted((left, right) => right.share - left.share)[0];
    if (worst === undefined || worst.share <= fixedLimits.throttled) return [];
    const { stage, figures, share } = worst;
    const evidence: Evidence[] = [
      {
        source: 'cgroup',
        statement: 'share of scheduling periods that were throttled',
        value: share,
        unit: 'ratio',
        stage,
      },
    ];
    const { cpuCores, cpuCoresAvailable } = figures.target;
    if (cpuCores !== null && cpuCoresAvailable !== null && cpuCores > cpuCoresAvailable / 2)
      evidence.push({
        source: 'process',
        statement: `processors used, of ${cpuCoresAvailable}`,
        value: cpuCores,
        unit: '1',
        stage,
      });
    if (figures.schedulingP99 !== null && figures.schedulingP99.low > 0)
      evidence.push({
        source: 'go-runtime',
        statement: 'p99 of scheduling latency, at least',
        value: figures.schedulingP99.low,
        unit: 'ms',
        stage,
      });
    const site = costSite(stageCaptures, stage, 'cpu', environment.target.modulePath);
    return [makeFinding(text, { severity: 'critical', evidence, where: siteEvidence(site, stage, 'cpu') })];
  },
});
