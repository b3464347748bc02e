import {
  type SimulatedProcess,
  pagesOf,
  simulateCollector,
  simulatedService,
} from '../fixtures/records/simulated-collector.ts';
import { buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { analyze } from '../analysis/analyze.ts';
import { knowCollector } from '../analysis/models/garbage-collector/known-collector.ts';
import { observeCollector } from '../analysis/models/garbage-collector/observe-collector.ts';
import { sizeCollector } from '../analysis/sizing/gc/size-collector.ts';
import { mebibytes } from '../model/units.ts';
import { type Benchmark, median } from './benchmark.ts';

const mostMs = 2000;
const settings = [50, 100, 200, 400].flatMap((gogcPercent) =>
  [Infinity, mebibytes(192), mebibytes(256)].map((memoryLimitBytes) => ({ gogcPercent, memoryLimitBytes })),
);

/** How long it takes from what twelve runs showed to the fit, its intervals, the table and the recommendation. */
export const gcSurface: Benchmark = {
  name: 'gc-surface',
  about: 'fit and response table of a garbage collector sweep with twelve cells',
  minutes: 1,
  run: async ({ repeats }) => {
    const observations = settings.flatMap((each, seed) => observationsOf({ ...simulatedService, ...each, seed }));
    const times = Array.from({ length: repeats }, () => {
      const started = performance.now();
      const collector = knowCollector(observations);
      if (collector.status === 'unknown') throw new Error(collector.reasons.map(({ message }) => message).join('; '));
      const sizing = sizeCollector({
        collector,
        containerBytes: mebibytes(512),
        requestsPerSecond: 80,
        cpuBudget: null,
        exclusive: false,
      });
      if (sizing.status !== 'sized') throw new Error(sizing.reason);
      return performance.now() - started;
    });
    const typical = median(times);
    return [
      {
        what: `${observations.length} stages of ${settings.length} cells: fit, intervals, table`,
        asked: `< ${mostMs} ms`,
        measured: `${typical.toFixed(0)} ms`,
        pass: typical < mostMs,
      },
    ];
  },
};

function observationsOf(process: SimulatedProcess): ReturnType<typeof observeCollector>['observations'] {
  const stages = [30, 60, 90].map((requestsPerSecond) => ({ requestsPerSecond, seconds: 40 }));
  const simulated = simulateCollector(process, stages);
  const record = buildRunRecord({
    stages: stages.map(({ requestsPerSecond: rate, seconds }) => ({ name: `${rate}/s`, rate, seconds })),
    scrapes: (startedAt) => pagesOf(process, simulated, startedAt, mebibytes(6)),
  });
  return observeCollector(record, analyze(record).stages).observations;
}
