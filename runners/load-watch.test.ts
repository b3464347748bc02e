import test from 'ava';
import { holds } from '../fixtures/generator-job.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import type { TrafficCell } from '../model/measurements.ts';
import type { AbortRules } from '../model/plan.ts';
import { bytes, microseconds, milliseconds, ratio, seconds } from '../model/units.ts';
import type { GeneratorSecond } from './generators/port.ts';
import { LoadWatch } from './load-watch.ts';

const rules: AbortRules = {
  errorRatio: ratio(0.5),
  latencyMs: milliseconds(500),
  targetGoneMs: seconds(3),
  latenessMs: milliseconds(100),
  freeDiskBytes: null,
  windowMs: seconds(2),
};

function histogram(valueMs: number, count: number): string {
  const values = new LatencyHistogram();
  values.record(microseconds(valueMs * 1000), count);
  return values.encode();
}

interface Sample {
  readonly done?: number;
  readonly failed?: number;
  /** Status code → answers that were not as expected. */
  readonly statuses?: Readonly<Record<string, number>>;
  readonly latencyMs?: number;
  readonly latenessMs?: number;
  readonly inFlight?: number;
  readonly due?: number;
  readonly stage?: number;
}

/** Two stages, of which the second begins in the middle of the eleventh second. */
const loadProfile = holds('even', [100, 10.5], [100, 60]);
const watchOf = (abortRules: AbortRules): LoadWatch => new LoadWatch({ abortRules, loadProfile });

function second(index: number, sample: Sample): GeneratorSecond {
  const { done = 0, failed = 0, latencyMs = 5, latenessMs = 0.5, inFlight = 0, stage = 0 } = sample;
  const cell = (outcome: TrafficCell['outcome'], count: number): TrafficCell => ({
    second: index,
    stage,
    endpoint: 'GET /',
    outcome,
    failure: outcome === 'failed' ? 'connection-refused' : null,
    count,
    statuses: null,
    responseTime: outcome === 'done' ? histogram(latencyMs, count) : null,
    serviceTime: null,
  });
  return {
    kind: 'second',
    second: index,
    counts: [{ second: index, stage, endpoint: 'GET /', due: sample.due ?? done + failed, sent: done + failed }],
    cells: [
      ...(done > 0 ? [cell('done', done)] : []),
      ...(failed > 0 ? [cell('failed', failed)] : []),
      ...Object.entries(sample.statuses ?? {}).map(([status, count]) => ({
        ...cell('failed', count),
        failure: 'unexpected-status' as const,
        statuses: { [status]: count },
      })),
    ],
    health: {
      second: index,
      stage,
      cpuMs: milliseconds(100),
      lateness: histogram(latenessMs, 10),
      connectionWait: null,
      waitedForConnection: 0,
      queueLengthMax: 0,
      inFlightMax: inFlight,
      connectionsOpen: 1,
      connectsTotal: 1,
      stallMaxMs: milliseconds(0),
      rssBytes: bytes(1),
    },
  };
}

function broken(samples: readonly Sample[], changed: Partial<AbortRules> = {}): string | null {
  const watch = watchOf({ ...rules, ...changed });
  for (const [index, sample] of samples.entries()) watch.add(second(index, sample));
  return watch.brokenRule()?.code ?? null;
}

test('a healthy load breaks no rule', (t) => {
  t.is(broken(Array.from({ length: 10 }, () => ({ done: 100 }))), null);
});

test('a share of errors over the limit for the whole window, not for one second, breaks the rule', (t) => {
  t.is(broken([{ done: 100 }, { failed: 60, done: 40 }]), null);
  t.is(broken([{ done: 100 }, { failed: 60, done: 40 }, { failed: 60, done: 40 }]), 'error-ratio');
  t.is(broken([{ failed: 5 }, { failed: 5 }]), null, 'ten ends are too few for a share');
  t.is(broken([{ failed: 60 }, { failed: 60 }], { errorRatio: null }), null);
});

test('p99 of the window over the limit breaks the rule', (t) => {
  t.is(broken([{ done: 50 }, { done: 50, latencyMs: 900 }]), 'latency');
  t.is(broken([{ done: 50 }, { done: 50, latencyMs: 900 }], { latencyMs: null }), null);
});

test('a target that answers nothing while requests are due is gone; one that is asked nothing is not', (t) => {
  const silent = { due: 100, inFlight: 100 };
  t.is(broken([{ done: 100 }, silent, silent]), null);
  t.is(broken([{ done: 100 }, silent, silent, silent]), 'target-gone');
  t.is(broken([{ done: 100 }, {}, {}, {}, {}]), null);
  t.is(broken([silent, silent, silent]), 'target-gone');
});

test('a generator behind its schedule breaks the rule', (t) => {
  t.is(
    broken([
      { done: 100, latenessMs: 300 },
      { done: 100, latenessMs: 300 },
    ]),
    'generator-late',
  );
});

test('the view is of the window', (t) => {
  const watch = watchOf(rules);
  t.is(watch.view(), null);
  watch.add(second(0, { done: 10 }));
  watch.add(second(1, { done: 100 }));
  watch.add(second(2, { done: 90, failed: 10 }));
  const view = watch.view();
  t.is(Number(view?.offeredPerSecond), 100);
  t.is(Number(view?.achievedPerSecond), 95);
  t.is(Number(view?.errorRatio), 0.05);
  t.is(view?.second, 2);
});

test('an answer that is not as expected is an answer, and its status is told', (t) => {
  const watch = watchOf(rules);
  watch.add(second(0, { done: 1, statuses: { '401': 50, '404': 1 } }));
  watch.add(second(1, { done: 1, failed: 100, statuses: { '401': 47 } }));
  const view = watch.view();
  t.is(view?.answers, 100, 'refused connections are none');
  t.deepEqual(view?.unexpectedStatus, { status: '401', share: ratio(0.97) });
  const rule = watch.brokenRule();
  t.is(rule?.code, 'error-ratio');
  t.regex(rule?.reason ?? '', /; 97\.0 % of the answers were 401$/);
});

test('no status is told where the generator names none', (t) => {
  const watch = watchOf(rules);
  watch.add(second(0, { failed: 100 }));
  t.is(watch.view()?.answers, 0);
  t.is(watch.view()?.unexpectedStatus, null);
});

test('after a change of stage the view is of the new stage alone, over the time it has lasted', (t) => {
  const watch = watchOf({ ...rules, windowMs: seconds(5) });
  for (let index = 5; index < 10; index++) watch.add(second(index, { done: 100, failed: 20, latencyMs: 400 }));
  watch.add(second(10, { done: 50, failed: 10, latencyMs: 400 }));
  const early = watch.view();
  t.is(Number(early?.offeredPerSecond), 120, 'a line of half a second is half a second');
  watch.add(second(10, { done: 150, stage: 1 }));
  const late = second(11, { done: 300, stage: 1 });
  const ofBefore = second(9, { done: 70, failed: 30, latencyMs: 2400 });
  watch.add({ ...late, cells: [...late.cells, ...ofBefore.cells] });
  const view = watch.view();
  t.is(view?.stage, 1);
  t.is(Number(view?.offeredPerSecond), 300);
  t.is(Number(view?.achievedPerSecond), 300);
  t.is(Number(view?.errorRatio), 0);
  t.is(view?.answers, 450);
  t.true((view?.p99Ms ?? 100) < 6, String(view?.p99Ms));
});

test('a rule’s window is of seconds also where a stage ends inside one', (t) => {
  const watch = watchOf(rules);
  watch.add(second(9, { done: 100 }));
  watch.add(second(10, { failed: 60, done: 40 }));
  watch.add(second(10, { failed: 60, done: 40, stage: 1 }));
  t.is(watch.brokenRule(), null, 'two lines are not two seconds: of 300 only 120 failed');
  watch.add(second(11, { failed: 60, done: 40, stage: 1 }));
  t.is(watch.brokenRule()?.code, 'error-ratio');
});

test('how requests ended without an answer is told, since the last answer and for the share', (t) => {
  const watch = watchOf(rules);
  watch.add(second(0, { done: 100, failed: 5 }));
  t.regex(watch.unansweredText(), /^; since its last answer 5 requests ended in connection-refused$/);
  watch.add(second(1, { failed: 100 }));
  watch.add(second(2, { failed: 90 }));
  t.is(watch.unansweredText(), '; since its last answer 195 requests ended in connection-refused');
  t.regex(watch.brokenRule()?.reason ?? '', /\(limit 50\.0 %\); 190 requests ended in connection-refused$/);
  watch.add(second(3, { done: 100 }));
  t.is(watch.unansweredText(), '');
});
