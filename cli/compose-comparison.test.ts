import test from 'ava';
import type { RunSample } from '../analysis/comparison/run-sample.ts';
import { sampleOfRun } from '../analysis/comparison/sample-of-run.ts';
import { buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { after, milliseconds, seconds } from '../model/units.ts';
import { toTerminal } from '../reports/render/to-terminal.ts';
import { golden } from '../test/golden.ts';
import { runsComparisonFigures } from './comparison-figures.ts';
import { composeComparison } from './compose-comparison.ts';

const target = { cpuMsPerRequest: 0.4, allocBytesPerRequest: 2048, goroutines: 12, gcCpuShare: 0.03 };
const plain = sampleOfRun(
  buildRunRecord({
    stages: [
      { name: '200/s', rate: 200, seconds: 11, latencyMs: (random) => 10 + random.next(), target },
      { name: 'peak', rate: 300, seconds: 11, latencyMs: (random) => 12 + random.next(), target },
    ],
  }),
);

/** Runs a minute apart, the second stage's generator late; p99 and CPU times these factors. */
const arm = (name: string, begins: number, factors: readonly number[]): readonly RunSample[] =>
  factors.map((factor, at) => ({
    ...plain,
    id: `${name}-${at}`,
    startedAt: after(plain.startedAt, milliseconds((begins + 2 * at) * seconds(60))),
    stages: plain.stages.map((stage) => ({
      ...stage,
      late: stage.name === 'peak' && at === 0,
      figures: {
        ...stage.figures,
        p99: (stage.figures.p99 ?? 0) * factor,
        'cpu-per-request': (stage.figures['cpu-per-request'] ?? 0) * (2 - factor),
      },
    })),
  }));

const text = (base: readonly RunSample[], candidate: readonly RunSample[]): string =>
  toTerminal(
    composeComparison(
      runsComparisonFigures(
        base,
        candidate,
        { paired: false, metrics: ['errors', 'p99', 'cpu-per-request'], stages: null },
        [],
      ),
    ),
    { colour: false, width: 120, reportPath: null },
  );

const quiet = [0.99, 0.995, 1, 1.003, 1.008, 1.012, 0.985];

test('two arms of saved runs', (t) => {
  const slow = quiet.map((factor) => factor * 1.12);
  const shown = text(arm('base', 0, quiet), arm('candidate', 1, slow));
  t.is(shown, golden('compare-runs-120.txt', shown));
});

test('one run of each says what it lacks', (t) => {
  const shown = text(arm('base', 0, [1]), arm('candidate', 1, [1.4]));
  t.is(shown, golden('compare-one-run-120.txt', shown));
});
