import type { Evidence, Finding } from '../../../model/finding.ts';
import { milliseconds, seconds } from '../../../model/units.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { type CostSite, costSite, shareText, siteText } from '../cost-site.ts';
import { fixedLimits } from '../limiter-readings.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'global-lock',
  title: 'Goroutines wait for one lock',
  recommendation:
    'Hold it for less (no I/O, no allocation inside), or have several: by shard, by key, or a copy that readers take without a lock. Refuted where the wait stays although the lock at this line is gone.',
};

/** Part of all waiting for mutexes that has to be at one place: less is no single lock. */
const oneLock = 1 / 2;

/**
 * Witnesses: the mutex profile, which has the delay where the lock is given back, and the runtime's own count of the time
 * that goroutines waited for mutexes.
 */
export const globalLock = defineAnalyzer({
  name: 'global-lock',
  needs: ['plan', 'environment', 'validity'],
  wants: ['targets', 'stageCaptures'],
  answer: ({ plan, environment, validity, targets, stageCaptures }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const captures = (stageCaptures ?? []).filter(({ type }) => type === 'mutex');
    if (captures.length === 0) return [];
    const sites = captures.flatMap(({ stage }) => {
      if (validity[stage]?.status !== 'valid') return [];
      const site = costSite(captures, stage, 'mutex', environment.target.modulePath);
      return site === null || site.perSecond < fixedLimits.mutexWaitMsPerSecond ? [] : [{ stage, site }];
    });
    if (captures.every(({ content }) => content.status !== 'captured'))
      return [notApplicable(text, 'mutex profile of a stage')];
    const [worst] = sites
      .filter(({ site }) => site.share !== null && site.share.low >= oneLock)
      .toSorted((one, other) => other.site.perSecond - one.site.perSecond);
    if (worst === undefined) return [];
    const waited = targets?.[worst.stage]?.target.mutexWaitMsPerSecond ?? null;
    return [
      makeFinding(text, {
        severity: 'warning',
        estimate: worst.site.share,
        evidence: [...ofProfile(worst.site, worst.stage), ...ofRuntime(waited, worst.stage)],
      }),
    ];
  },
});

function ofProfile(site: CostSite, stage: number): Evidence[] {
  return [
    {
      source: 'pprof:mutex',
      statement: `goroutines waiting at a time for the lock that is given back in ${siteText(site)}`,
      value: milliseconds(site.perSecond) / seconds(1),
      unit: '1',
      stage,
    },
    {
      source: 'pprof:mutex',
      statement: `its part of all waiting for mutexes, share ${shareText(site)}`,
      value: site.share?.estimate ?? null,
      unit: 'ratio',
      stage,
    },
  ];
}

/** Of a sampled profile and a sampled counter neither is exact; that both see a lock waited for is what counts. */
function ofRuntime(waited: number | null, stage: number): Evidence[] {
  if (waited === null || waited < fixedLimits.mutexWaitMsPerSecond) return [];
  return [
    {
      source: 'go-runtime',
      statement: 'time that goroutines waited for mutexes (/sync/mutex/wait/total)',
      value: waited,
      unit: 'ms/s',
      stage,
    },
  ];
}
