import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import { inSeconds, seconds } from '../../../model/units.ts';
import { costsBySite } from '../../profiles/costs-by-site.ts';
import { frameText } from '../../profiles/own-site.ts';
import type { StackFrame } from '../../profiles/sample-stacks.ts';
import type { StageCapture } from '../../profiles/stage-captures.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { changeOverRun } from '../change-over-run.ts';
import { confidence } from '../latency-quantiles.ts';
import { type SteadyGrowth, steadyGrowth } from '../steady-growth.ts';
import { loadEnd, validHolds } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'fd-leak';

/** Descriptors more over a stage from which it is a leak. */
const fewest = 20;
/** Of what a stage added, the share that has to be there when the load, and with it its connections, are gone. */
const left = 0.8;
const thousand = 1000;

/**
 * Open files and sockets: they grow at constant load, as fast in the second half as in the first, and stay when the load is
 * over. Witnesses: what the process says of itself, what the kernel lists of it, and the allocations of what opens them.
 */
export const fdLeak = defineAnalyzer({
  name: id,
  needs: ['plan', 'traffic', 'validity', 'environment', 'signals', 'stageCaptures'],
  wants: [],
  answer: ({ plan, traffic, validity, environment, signals, stageCaptures }): readonly Finding[] => {
    const { openFiles, openFilesListed } = signals.process;
    const growth = steadyGrowth(openFiles, validHolds({ plan, validity, traffic }), 'always');
    if (growth === null) return [];
    const added = growth.slope * growth.hold.windowMs;
    const stayed = changeOverRun(openFiles, loadEnd(traffic));
    if (added < fewest || stayed === null || stayed < left * added) return [];
    const listed = changeOverRun(openFilesListed, loadEnd(traffic));
    const site = openedBy(stageCaptures, growth.hold.index, environment.target.modulePath);
    return [findingOf(growth, stayed, listed, site)];
  },
});

/** Go's functions that open something. */
const opens =
  /^(os\.(newFile|NewFile|OpenFile|Open|Create|openFileNolog)|net\.(newFD|socket|Dial|\(\*(Dialer|sysDialer)\))|syscall\.Open)/;

function openedBy(captures: readonly StageCapture[], stage: number, modulePath: string | null): StackFrame | null {
  const allocs = captures.find((each) => each.stage === stage && each.type === 'alloc');
  if (allocs?.content.status !== 'captured') return null;
  const [most] = costsBySite(allocs.content.value.profile, {
    value: 'alloc_objects',
    count: 'alloc_objects',
    modulePath,
    matches: (frames) => frames.some((frame) => opens.test(frame.function)),
  });
  return most !== undefined && most.value > 0 ? most.site : null;
}

function findingOf(
  { hold, slope, low, high, readings }: SteadyGrowth,
  stayed: number,
  listed: number | null,
  site: StackFrame | null,
): Finding {
  const stage = hold.index;
  const perThousand = (perMillisecond: number): number =>
    (perMillisecond * seconds(1) * thousand) / hold.answeredPerSecond;
  const estimate: Estimate = {
    estimate: perThousand(slope),
    low: perThousand(low),
    high: perThousand(high),
    confidence,
    method: `Theil–Sen slope of ${readings} readings of open files, per 1,000 requests`,
  };
  const evidence: Evidence[] = [
    {
      source: 'process',
      statement: `open files and sockets more over ${inSeconds(hold.windowMs).toFixed(0)} s of constant load`,
      value: slope * hold.windowMs,
      unit: '1',
      stage,
    },
    { source: 'process', statement: 'more after the load than before it', value: stayed, unit: '1', stage: null },
  ];
  if (listed !== null && listed >= stayed / 2)
    evidence.push({
      source: 'kernel',
      statement: 'in the kernel’s list of the process, more after the load than before it',
      value: listed,
      unit: '1',
      stage: null,
    });
  if (site !== null)
    evidence.push({
      source: 'pprof:allocs',
      statement: `what opens most in this stage: ${frameText(site)}`,
      value: null,
      unit: null,
      stage,
    });
  const text = {
    id,
    title: `Files or sockets stay open: ${estimate.estimate.toPrecision(3)} per 1,000 requests`,
    recommendation: `Close what is opened on every way out (defer Close right after the error check)${site === null ? '' : `, at ${frameText(site)}`}; of HTTP answers the body. It would be refuted by their number falling once idle connections time out.`,
  };
  return makeFinding(text, { severity: 'critical', evidence, estimate });
}
