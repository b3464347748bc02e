import type { Evidence, Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { costSite, siteEvidence } from '../cost-site.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'gc-pressure',
  title: 'Garbage collection takes a large share of the CPU',
  recommendation:
    'Cut allocations at the sites of the allocs profile first; where memory is to spare, raise GOGC with GOMEMLIMIT as the brake: doubling GOGC about halves the GC’s CPU.',
};

/** Leaves of marking, before and with Green Tea; a profile's summary names the functions with the most of their own time. */
const marking =
  /^runtime\.(scan|grey|gcDrain|gcAssist|gcBgMark|findObject|markroot|tryDeferToSpanScan|typePointers|\(\*gcWork\)|\(\*mspan\)\.(heapBits|markBits))/;

/** Witnesses: the runtime's CPU classes (or gctrace), and the CPU profile's share of the mark workers and assists. */
export const gcPressure = defineAnalyzer({
  name: 'gc-pressure',
  needs: ['plan', 'environment', 'validity'],
  wants: ['targets', 'profileSummaries', 'stageCaptures'],
  answer: ({ plan, environment, validity, targets, profileSummaries, stageCaptures }): readonly Finding[] => {
    const known = (targets ?? []).flatMap(({ gcCpu }, stage) =>
      gcCpu === null || validity[stage]?.status !== 'valid' ? [] : [{ stage, gcCpu }],
    );
    if (known.length === 0) {
      const measured = targets?.some(({ gcCpu }) => gcCpu !== null) ?? false;
      return [notApplicable(text, measured ? 'a valid stage' : 'CPU time of the garbage collector')];
    }
    const worst = known.toSorted((left, right) => right.gcCpu.estimate - left.gcCpu.estimate)[0];
    if (worst === undefined || worst.gcCpu.estimate <= plan.limits.gcCpu) return [];
    const { stage, gcCpu } = worst;
    const evidence: Evidence[] = [
      {
        source: 'go-runtime',
        statement: 'CPU share of the garbage collector, idle marking left out',
        value: gcCpu.estimate,
        unit: 'ratio',
        stage,
      },
    ];
    const profile = profileSummaries?.find((summary) => summary.stage === stage && summary.kind === 'cpu');
    const marked = (profile?.top ?? [])
      .filter((one) => marking.test(one.function))
      .reduce((sum, one) => sum + one.flatShare, 0);
    if (marked > plan.limits.gcCpu / 2)
      evidence.push({
        source: 'pprof:cpu',
        statement: 'share of samples in marking, at least',
        value: marked,
        unit: 'ratio',
        stage,
      });
    const site = costSite(stageCaptures, stage, 'alloc', environment.target.modulePath);
    const where = siteEvidence(site, stage, 'alloc');
    return [makeFinding(text, { severity: 'warning', evidence, where, estimate: gcCpu })];
  },
});
