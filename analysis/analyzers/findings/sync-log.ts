import type { Evidence, Finding } from '../../../model/finding.ts';
import { between, nanoseconds, seconds } from '../../../model/units.ts';
import { costsBySite } from '../../profiles/costs-by-site.ts';
import { frameText } from '../../profiles/own-site.ts';
import type { StackFrame } from '../../profiles/sample-stacks.ts';
import type { StageCapture } from '../../profiles/stage-captures.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { fixedLimits } from '../limiter-readings.ts';
import { meanPerSecond } from '../mean-per-second.ts';
import { validHolds } from '../valid-holds.ts';
import { makeFinding } from './make-finding.ts';

const id = 'sync-log';

/** Loggers that write one line at a time. */
const logging =
  /^(log|log\/slog)\.|^go\.uber\.org\/zap|^github\.com\/(rs\/zerolog|sirupsen\/logrus|go-kit\/log|golang\/glog)|^gopkg\.in\/natefinch\/lumberjack|^k8s\.io\/klog/;

/**
 * Requests that wait for their turn to write to the log. Witnesses: the mutex profile with a logger on the stack that gives
 * the lock back, and the runtime's own count of the time that goroutines waited for mutexes.
 */
export const syncLog = defineAnalyzer({
  name: id,
  needs: ['plan', 'environment', 'traffic', 'validity', 'stageCaptures'],
  wants: ['signals'],
  answer: ({ plan, environment, traffic, validity, stageCaptures, signals }): readonly Finding[] => {
    if (plan.collect.pprof === null) return [];
    const seen = validHolds({ plan, validity, traffic }).flatMap((hold) => {
      const found = waitingToLog(stageCaptures, hold.index, environment.target.modulePath);
      return found === null ? [] : [{ ...found, hold }];
    });
    const [worst] = seen.toSorted((one, other) => other.waiting - one.waiting);
    if (worst === undefined || worst.waiting * seconds(1) < fixedLimits.mutexWaitMsPerSecond) return [];
    const { hold, site, waiting } = worst;
    const stage = hold.index;
    const evidence: Evidence[] = [
      {
        source: 'pprof:mutex',
        statement: `goroutines waiting at a time to write to the log in ${frameText(site)}`,
        value: waiting,
        unit: '1',
        stage,
      },
    ];
    const whole = meanPerSecond(signals?.scheduler.mutexWaitMs ?? null, hold.readings);
    if (whole !== null && whole.estimate >= fixedLimits.mutexWaitMsPerSecond)
      evidence.push({
        source: 'go-runtime',
        statement: 'time that goroutines waited for mutexes, all together',
        value: whole.estimate,
        unit: 'ms/s',
        stage,
      });
    const text = {
      id,
      title: 'Requests wait for each other to write to the log',
      recommendation: `Write lines from ${frameText(site)} to a buffer that a goroutine of its own empties, log less per request, or give the log a faster device. It would be refuted by response times that stay the same with the log at a higher level.`,
    };
    return [makeFinding(text, { severity: 'warning', evidence, estimate: whole })];
  },
});

/** The place where most of the waiting is, and how many goroutines are in it at a time. */
function waitingToLog(
  captures: readonly StageCapture[],
  stage: number,
  modulePath: string | null,
): { readonly site: StackFrame; readonly waiting: number } | null {
  const mutex = captures.find((each) => each.stage === stage && each.type === 'mutex');
  if (mutex?.content.status !== 'captured') return null;
  const { profile, from, to } = mutex.content.value;
  const [most] = costsBySite(profile, {
    value: 'delay',
    count: 'contentions',
    modulePath,
    matches: (frames) => frames.some((frame) => logging.test(frame.function)),
  });
  return most === undefined || !(most.value > 0)
    ? null
    : { site: most.site, waiting: nanoseconds(most.value) / between(from, to) };
}
