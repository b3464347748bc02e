import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import { inSeconds } from '../../../model/units.ts';
import { costsBySite } from '../../profiles/costs-by-site.ts';
import { frameText } from '../../profiles/own-site.ts';
import type { StackFrame } from '../../profiles/sample-stacks.ts';
import type { StageCapture } from '../../profiles/stage-captures.ts';
import { countRatio } from '../../statistics/count-ratio.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { confidence } from '../latency-quantiles.ts';
import { type ValidHold, validHolds } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'forced-gc';

/** Forced collections in a window from which somebody forces them again and again. */
const fewest = 3;

const forces = /^runtime(\.GC|\/debug\.FreeOSMemory)$/;

/**
 * Collections that the program asks for. The runtime counts each that is forced inside the steady window (the one that
 * plimsoll forces for its heap profile is after the load); the CPU profile says who calls runtime.GC.
 */
export const forcedGc = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'validity', 'signals', 'stageCaptures'],
  wants: [],
  answer: ({ plan, environment, traffic, validity, signals, stageCaptures }): readonly Finding[] => {
    const seen = validHolds({ plan, validity, traffic }).flatMap((hold) => {
      const forced = hold.readings.increase(signals.gc.forcedCycles);
      return forced === null || forced.value < fewest ? [] : [{ hold, forced: forced.value }];
    });
    const [worst] = seen.toSorted((one, other) => other.forced / other.hold.windowMs - one.forced / one.hold.windowMs);
    if (worst === undefined) return [];
    const site = forcedBy(stageCaptures, worst.hold.index, environment.target.modulePath);
    const source = signals.gc.forcedCycles?.provenance.collector === 'gctrace' ? 'gctrace' : 'go-runtime';
    return [findingOf(worst.hold, worst.forced, site, source)];
  },
});

function forcedBy(captures: readonly StageCapture[], stage: number, modulePath: string | null): StackFrame | null {
  const cpu = captures.find((each) => each.stage === stage && each.type === 'cpu');
  if (cpu?.content.status !== 'captured') return null;
  const [most] = costsBySite(cpu.content.value.profile, {
    value: 'cpu',
    count: 'samples',
    modulePath,
    matches: (frames) => frames.some((frame) => forces.test(frame.function)),
  });
  return most?.site ?? null;
}

function findingOf(
  { index: stage, windowMs }: ValidHold,
  forced: number,
  site: StackFrame | null,
  source: string,
): Finding {
  const perSecond: Estimate = {
    ...countRatio(forced, inSeconds(windowMs), { per: 1, confidence }),
    method: `${forced} in ${inSeconds(windowMs).toFixed(0)} s, limits of a Poisson count`,
  };
  const evidence: Evidence[] = [
    { source, statement: 'forced collections per second', value: perSecond.estimate, unit: '1/s', stage },
  ];
  if (site !== null)
    evidence.push({
      source: 'pprof:cpu',
      statement: `runtime.GC is on the stack of ${frameText(site)}`,
      value: null,
      unit: null,
      stage,
    });
  const text = {
    id,
    title: 'The program forces garbage collections under load',
    recommendation: `Take the call of runtime.GC or debug.FreeOSMemory out${site === null ? '' : ` of ${frameText(site)}`}: each stops the world twice and marks the whole heap, whether it is time or not. Use GOMEMLIMIT to keep memory low. It would be refuted by another tool that asks for /debug/pprof/heap?gc=1 meanwhile.`,
  };
  // The runtime counts each, so that nothing is inferred; the profile says who.
  return makeFinding(text, { severity: 'warning', counted: true, evidence, estimate: perSecond });
}
