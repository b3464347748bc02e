import test from 'ava';
import type { ClosedLoadProfile } from '../../../model/load-profile.ts';
import { milliseconds } from '../../../model/units.ts';
import { type Arrivals, arrivalsOf } from './arrivals.ts';

function closed(thinkTimeMs: number, ...stages: (readonly [users: number, length: number])[]): ClosedLoadProfile {
  return {
    kind: 'closed',
    thinkTimeMs: milliseconds(thinkTimeMs),
    stages: stages.map(([users, length]) => ({
      name: `${users}`,
      kind: 'hold',
      users,
      durationMs: milliseconds(length),
    })),
  };
}

interface Asked {
  readonly at: number;
  readonly stage: number;
  readonly user: number;
}

/** Plays the users against a service that takes so long. */
function play(profile: ClosedLoadProfile, serviceMs: number, seed = 1): Asked[] {
  const arrivals: Arrivals = arrivalsOf(profile, seed);
  const asked: Asked[] = [];
  const answers: { at: number; user: number }[] = [];
  const edges = profile.stages.map((_, index) =>
    profile.stages.slice(0, index).reduce((sum, each) => sum + each.durationMs, 0),
  );
  let stage = 0;
  for (;;) {
    answers.sort((a, b) => a.at - b.at);
    const answer = answers[0];
    const edge = edges[stage] ?? Infinity;
    const next = Math.min(edge, answer?.at ?? Infinity, arrivals.nextAt);
    if (next === Infinity) return asked;
    if (edge === next) arrivals.enter(stage++, edge);
    else if (answer?.at === next) {
      answers.shift();
      arrivals.ended(answer.user, answer.at);
    } else {
      const { nextAt: at, nextStage, nextUser: user } = arrivals;
      arrivals.advance();
      asked.push({ at, stage: nextStage, user });
      answers.push({ at: at + serviceMs, user });
    }
  }
}

test('without think time each user asks again as soon as it was answered', (t) => {
  const asked = play(closed(0, [3, 1000]), 100);
  t.is(asked.length, 30);
  t.deepEqual(
    asked.filter(({ user }) => user === 1).map(({ at }) => at),
    [0, 100, 200, 300, 400, 500, 600, 700, 800, 900],
  );
});

test('with think time the rate is users / (service time + think time)', (t) => {
  const asked = play(closed(200, [20, 100_000]), 50);
  const expected = (20 * 100_000) / 250;
  t.true(Math.abs(asked.length / expected - 1) < 0.03, `${asked.length} for ${expected}`);
  t.true(asked.every(({ at }, index) => index === 0 || at >= (asked[index - 1]?.at ?? 0)));
});

test('stages change the number of users at their edges, and the end ends all', (t) => {
  const asked = play(closed(0, [2, 1000], [5, 1000], [1, 1000]), 100);
  const users = [0, 1, 2].map(
    (stage) => new Set(asked.filter((each) => each.stage === stage).map(({ user }) => user)).size,
  );
  t.deepEqual(users, [2, 5, 1]);
  t.deepEqual(
    [0, 1, 2].map((stage) => asked.filter((each) => each.stage === stage).length),
    [20, 50, 10],
  );
  t.true(asked.every(({ at }) => at < 3000));
});

test('the same seed gives the same users', (t) => {
  t.deepEqual(play(closed(100, [5, 2000]), 10, 3), play(closed(100, [5, 2000]), 10, 3));
  t.notDeepEqual(play(closed(100, [5, 2000]), 10, 3), play(closed(100, [5, 2000]), 10, 4));
});
