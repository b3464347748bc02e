import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { after, seconds } from '../../model/units.ts';
import { Completions } from './completions.ts';
import { decodeTraffic } from './decode-traffic.ts';

function completionsOf(
  latencyMs: number,
  shed = 0,
  failures: StageDescription['failures'] = {},
): { readonly count: (from: number, to: number) => number } {
  const record = buildRunRecord({ stages: [{ rate: 100, seconds: 10, latencyMs: () => latencyMs, shed, failures }] });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const completions = new Completions(decodeTraffic(record.traffic.value, record.plan));
  return {
    count: (from, to) => completions.in(after(record.startedAt, seconds(from)), after(record.startedAt, seconds(to))),
  };
}

test('quick answers are completed in the second they were due', (t) => {
  t.is(completionsOf(5).count(2, 5), 300);
  t.is(completionsOf(5, 0.1).count(2, 5), 300);
});

test('slow answers are completed later, and those after the window are not in it', (t) => {
  const slow = completionsOf(3_000);
  t.is(slow.count(0, 3), 0);
  t.is(slow.count(3, 6), 300);
  t.is(slow.count(0, 14), 1000);
});

test('an unexpected answer is an answer, a timeout is none', (t) => {
  t.is(completionsOf(5, 0, { 'unexpected-status': 0.1 }).count(2, 5), 300);
  t.is(completionsOf(5, 0, { timeout: 0.1 }).count(2, 5), 270);
});
