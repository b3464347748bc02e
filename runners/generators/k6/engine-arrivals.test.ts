import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import type { LoadProfile } from '../../../model/load-profile.ts';
import { seededRandom, streamSeed } from '../../../model/random.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { type Arrivals, arrivalsOf } from '../autocannon/arrivals.ts';

/*
 * Both engines must make the same requests due at the same instants. This file says at which, from the one TypeScript
 * arithmetic; the Go executor's tests read it (arrivals/golden_test.go). UPDATE_GOLDENS=1 writes it.
 */
const file = new URL('engine/arrivals/testdata/golden.json', import.meta.url);

type StageWish = readonly [start: number, end: number, durationMs: number];

const open = (arrivals: 'even' | 'poisson', ...stages: readonly StageWish[]): LoadProfile => ({
  kind: 'open',
  arrivals,
  stages: stages.map(([start, end, durationMs], index) => ({
    name: `${index}`,
    kind: start === end ? 'hold' : 'ramp',
    startPerSecond: perSecond(start),
    endPerSecond: perSecond(end),
    durationMs: milliseconds(durationMs),
  })),
});

const closed = (
  thinkTimeMs: number,
  ...stages: readonly (readonly [users: number, durationMs: number])[]
): LoadProfile => ({
  kind: 'closed',
  thinkTimeMs: milliseconds(thinkTimeMs),
  stages: stages.map(([users, durationMs], index) => ({
    name: `${index}`,
    kind: 'hold',
    users,
    durationMs: milliseconds(durationMs),
  })),
});

const cases: readonly { profile: LoadProfile; seed: number }[] = [
  { seed: 1, profile: open('even', [300, 300, 1000], [700, 700, 1000], [100, 100, 500]) },
  { seed: 1, profile: open('even', [0.7, 0.7, 3100], [3.3, 3.3, 777], [0, 0, 400], [41, 41, 333.3]) },
  { seed: 1, profile: open('even', [0, 200, 2000], [200, 200, 500], [200, 0, 1500]) },
  { seed: 1, profile: open('even', [10, 1000.5, 0], [1000.5, 10, 1234], [50, 50.000_000_1, 2000]) },
  { seed: 1, profile: open('poisson', [300, 300, 2000]) },
  { seed: 4_294_967_295, profile: open('poisson', [0, 500, 1000], [500, 500, 1000], [500, 20, 1000]) },
  { seed: 987_654_321_012, profile: open('poisson', [5, 5, 10_000], [0, 0, 1000], [1000, 1000, 700]) },
  { seed: -7, profile: open('poisson', [40, 40, 3000]) },
  { seed: 3, profile: closed(0, [3, 1000]) },
  { seed: 3, profile: closed(200, [20, 5000], [5, 3000], [40, 2000]) },
];

const serviceMs = 37.5;
/** Of a long list each so many-th is kept. */
const every = 29;

test('the golden due times are those of the arrivals', (t) => {
  const golden = {
    serviceMs,
    every,
    random: [0, 1, 123_456_789].map((seed) => drawsOf(seed)),
    cases: cases.map(({ profile, seed }) => ({ profile, seed, ...dueOf(arrivalsOf(profile, seed), profile) })),
  };
  const text = `${JSON.stringify(golden, null, 1)}\n`;
  if (process.env['UPDATE_GOLDENS'] !== undefined) writeFileSync(file, text);
  t.is(readFileSync(file, 'utf8'), text);
});

function drawsOf(seed: number): { seed: number; stream: number; next: number[]; exponential: number } {
  const random = seededRandom(streamSeed(seed, -3));
  return {
    seed,
    stream: streamSeed(seed, -3),
    next: Array.from({ length: 5 }, () => random.next()),
    exponential: random.exponential(),
  };
}

/** Plays the arrivals to their end; each user's request takes the same time. */
function dueOf(arrivals: Arrivals, profile: LoadProfile): { byStage: number[]; due: [number, number, number][] } {
  const edges = profile.stages.map((_, index) =>
    profile.stages.slice(0, index).reduce((sum, stage) => sum + stage.durationMs, 0),
  );
  const byStage = profile.stages.map(() => 0);
  const due: [number, number, number][] = [];
  const answers: { at: number; user: number }[] = [];
  let stage = 0;
  let count = 0;
  for (;;) {
    const edge = edges[stage] ?? Infinity;
    const answer = answers[0];
    const next = Math.min(edge, answer?.at ?? Infinity, arrivals.nextAt);
    if (next === Infinity) return { byStage, due };
    if (edge === next) arrivals.enter(stage++, edge);
    else if (answer?.at === next) {
      answers.shift();
      arrivals.ended(answer.user, answer.at);
    } else {
      const { nextAt, nextStage, nextUser } = arrivals;
      arrivals.advance();
      byStage[nextStage] = (byStage[nextStage] ?? 0) + 1;
      if (count++ % every === 0) due.push([nextAt, nextStage, nextUser]);
      if (nextUser >= 0) answers.push({ at: nextAt + serviceMs, user: nextUser });
    }
  }
}
